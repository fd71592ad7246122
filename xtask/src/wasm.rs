//! As much of the wasm format as it takes to list a module's imports and count its functions.
//! <https://webassembly.github.io/spec/core/binary/modules.html>

use anyhow::{Context, Result, bail};

/// What a module asks of its host, and how much is in it.
#[derive(Debug, PartialEq, Eq)]
pub struct Module {
    /// `module.name` of every import.
    pub imports: Vec<String>,
    /// Functions that it defines.
    pub functions: u32,
}

/// Reads the import and function sections.
pub fn read(bytes: &[u8]) -> Result<Module> {
    let mut module = Module { imports: Vec::new(), functions: 0 };
    let mut rest = Reader(bytes);
    if rest.take(8)? != b"\0asm\x01\0\0\0" {
        bail!("no wasm module, version 1");
    }
    while !rest.0.is_empty() {
        let section = rest.byte()?;
        let length = rest.number()? as usize;
        let mut body = Reader(rest.take(length)?);
        match section {
            2 => {
                for _ in 0..body.number()? {
                    module.imports.push(format!("{}.{}", body.name()?, body.name()?));
                    body.skip_description()?;
                }
            }
            3 => module.functions = body.number()?,
            _ => {}
        }
    }
    Ok(module)
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count).context("the module ends early")?;
        self.0 = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8> {
        self.take(1)?.first().copied().context("the module ends early")
    }

    /// Unsigned LEB128 of up to 32 bits (longer limits of 64-bit tables lose their high bits: only skipped).
    fn number(&mut self) -> Result<u32> {
        let (mut value, mut shift) = (0_u64, 0);
        loop {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
            shift += 7;
            if byte & 0x80 == 0 {
                return Ok((value & u64::from(u32::MAX)) as u32);
            }
        }
    }

    fn name(&mut self) -> Result<String> {
        let length = self.number()? as usize;
        Ok(String::from_utf8_lossy(self.take(length)?).into_owned())
    }

    fn limits(&mut self) -> Result<()> {
        let has_maximum = self.byte()? & 1 == 1;
        self.number()?;
        if has_maximum {
            self.number()?;
        }
        Ok(())
    }

    /// What kind of thing is imported.
    fn skip_description(&mut self) -> Result<()> {
        match self.byte()? {
            0 => drop(self.number()?),
            1 => {
                self.byte()?;
                self.limits()?;
            }
            2 => self.limits()?,
            3 => drop(self.take(2)?),
            4 => {
                self.byte()?;
                self.number()?;
            }
            other => bail!("unknown import kind {other}"),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_and_functions_are_read() {
        let module = |sections: &[u8]| read(&[b"\0asm\x01\0\0\0", sections].concat()).ok();
        let found = |imports: &[&str], functions| {
            Some(Module { imports: imports.iter().map(ToString::to_string).collect(), functions })
        };
        assert_eq!(module(b""), found(&[], 0));
        assert_eq!(module(b"\x03\x03\x02\0\0"), found(&[], 2));
        assert_eq!(module(b"\x02\x07\x01\x01a\x01b\0\0"), found(&["a.b"], 0));
        assert_eq!(
            module(b"\x02\x12\x02\x01a\x01b\x02\x01\x01\x02\x03env\x01m\x03\x7f\0"),
            found(&["a.b", "env.m"], 0)
        );
        assert_eq!(module(b"\x02\x09\x01\x01a"), None, "cut off");
        assert_eq!(read(b"no wasm at all").ok(), None);
    }
}
