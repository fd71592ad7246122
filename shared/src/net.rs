//! Which addresses mail can be sent to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Why an address is not public. The names are those of the IANA special-purpose registries
/// (RFC 6890).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotPublic {
    /// 10/8, 172.16/12, 192.168/16 (RFC 1918).
    Private,
    /// 127/8, ::1.
    Loopback,
    /// 169.254/16, fe80::/10.
    LinkLocal,
    /// 100.64/10 (RFC 6598).
    SharedCgnat,
    /// fc00::/7 (RFC 4193).
    UniqueLocal,
    /// ::ffff:0:0/96 and other forms that carry an IPv4 address.
    Mapped,
    /// Multicast, documentation, benchmarking, reserved, unspecified.
    Special,
}

impl NotPublic {
    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Private => "a private address (RFC 1918)",
            Self::Loopback => "a loopback address",
            Self::LinkLocal => "a link-local address",
            Self::SharedCgnat => "a carrier-grade NAT address (RFC 6598)",
            Self::UniqueLocal => "a unique local address (RFC 4193)",
            Self::Mapped => "an IPv6 form that hides an IPv4 address",
            Self::Special => "a reserved address",
        }
    }
}

/// Nothing for a public unicast address, else why it is not one.
pub fn not_public(address: IpAddr) -> Option<NotPublic> {
    match address {
        IpAddr::V4(v4) => not_public_v4(v4),
        IpAddr::V6(v6) => not_public_v6(v6),
    }
}

/// May this address be connected to? With `admit_private`, loopback, RFC 1918 and unique local
/// addresses count as public.
pub fn is_admitted(address: IpAddr, admit_private: bool) -> bool {
    match not_public(address) {
        None => true,
        Some(NotPublic::Private | NotPublic::Loopback | NotPublic::UniqueLocal) => admit_private,
        Some(_) => false,
    }
}

/// What counts as one host: an IPv4 address, or a /64, in which an IPv6 host has its choice (RFC 4291 section 2.5.1).
pub fn host(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64).into(),
    }
}

/// The network in which its neighbours are: a /24 or a /48.
pub fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(v4) => Ipv4Addr::from_bits(v4.to_bits() >> 8 << 8).into(),
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() >> 80 << 80).into(),
    }
}

fn not_public_v4(v4: Ipv4Addr) -> Option<NotPublic> {
    let [a, b, c, _] = v4.octets();
    match (a, b, c) {
        (10, _, _) | (172, 16..=31, _) | (192, 168, _) => Some(NotPublic::Private),
        (127, _, _) => Some(NotPublic::Loopback),
        (169, 254, _) => Some(NotPublic::LinkLocal),
        (100, 64..=127, _) => Some(NotPublic::SharedCgnat),
        (0 | 224.., _, _) | (192, 0, 0 | 2) | (192, 88, 99) | (198, 18..=19, _) | (198, 51, 100) | (203, 0, 113) => {
            Some(NotPublic::Special)
        }
        _ => None,
    }
}

fn not_public_v6(v6: Ipv6Addr) -> Option<NotPublic> {
    if v6 == Ipv6Addr::LOCALHOST {
        return Some(NotPublic::Loopback);
    }
    match v6.segments() {
        // Mapped, compatible, NAT64 (well-known and local use), 6to4, Teredo: all lead to an IPv4
        // address that was not looked at.
        [0, 0, 0, 0, 0, 0xffff, _, _] | [0, 0, 0, 0, 0xffff, 0, _, _] => Some(NotPublic::Mapped),
        [0x64, 0xff9b, ..] | [0x2002, ..] | [0x2001, 0, ..] => Some(NotPublic::Mapped),
        [0, 0, 0, 0, 0, 0, _, _] => Some(NotPublic::Special),
        [first, ..] if first & 0xfe00 == 0xfc00 => Some(NotPublic::UniqueLocal),
        [first, ..] if first & 0xffc0 == 0xfe80 => Some(NotPublic::LinkLocal),
        // 2001::/23 is for protocol assignments, 2001:db8::/32 and 3fff::/20 for documentation.
        [0x2001, second, ..] if second < 0x200 || second == 0xdb8 => Some(NotPublic::Special),
        [0x3fff, second, ..] if second < 0x1000 => Some(NotPublic::Special),
        [first, ..] if first & 0xe000 == 0x2000 => None,
        _ => Some(NotPublic::Special),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        use NotPublic::*;
        let rows = [
            ("8.8.8.8", None),
            ("192.0.1.1", None),
            ("2606:4700::1111", None),
            ("10.1.2.3", Some(Private)),
            ("172.31.0.1", Some(Private)),
            ("172.32.0.1", None),
            ("192.168.0.1", Some(Private)),
            ("127.0.0.1", Some(Loopback)),
            ("::1", Some(Loopback)),
            ("169.254.169.254", Some(LinkLocal)),
            ("fe80::1", Some(LinkLocal)),
            ("100.64.0.1", Some(SharedCgnat)),
            ("100.128.0.1", None),
            ("fd00::1", Some(UniqueLocal)),
            ("::ffff:8.8.8.8", Some(Mapped)),
            ("64:ff9b::8.8.8.8", Some(Mapped)),
            ("2002:7f00:1::", Some(Mapped)),
            ("2001:0:1::", Some(Mapped)),
            ("::8.8.8.8", Some(Special)),
            ("0.0.0.0", Some(Special)),
            ("::", Some(Special)),
            ("224.0.0.1", Some(Special)),
            ("255.255.255.255", Some(Special)),
            ("192.0.2.1", Some(Special)),
            ("2001:db8::1", Some(Special)),
            ("ff02::1", Some(Special)),
        ];
        for (address, want) in rows {
            assert_eq!(not_public(address.parse().unwrap()), want, "{address}");
        }
    }

    #[test]
    fn the_lab_admits_its_own() {
        let admitted = |ip: &str| is_admitted(ip.parse().unwrap(), true);
        assert!(admitted("127.25.0.1") && admitted("10.0.0.1") && admitted("8.8.8.8"));
        assert!(!admitted("169.254.169.254") && !admitted("100.64.0.1") && !admitted("::ffff:127.0.0.1"));
    }
}
