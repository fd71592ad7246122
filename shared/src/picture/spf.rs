//! The tree of an SPF record, with what each term costs of the ten lookups (RFC 7208 section 4.6.4).

use super::{CODE, LIGHT, Picture, WIDTH};
use crate::Verdict;
use crate::facts::Facts;
use crate::spf::{Branch, LOOKUPS_MAX, VOIDS_MAX, outline};

/// How far a record that is included stands to the right of the term that includes it.
const STEP: u32 = 14;
/// No deeper than so many steps, that room is left for the text.
const STEPS_MAX: u32 = 8;
/// Where the tree begins; left of it the lookups are numbered.
const LEFT: u32 = 34;

/// Draws it; nothing where there is not exactly one record without a fault, or nothing in it asks DNS.
pub(super) fn tree(facts: &Facts<'_>) -> Option<Picture> {
    let flat = facts.spf_tree().ok()??;
    if flat.tree.is_empty() {
        return None;
    }
    let (domain, lookups, voids) = (facts.domain(), flat.lookups, flat.voids.len());
    let mut picture =
        Picture { title: format!("SPF of {domain}: {lookups} of at most {LOOKUPS_MAX} lookups"), ..Picture::default() };
    gauge(&mut picture, lookups);
    picture.text(0, 42, CODE, "v=spf1");
    let mut walk = Walk { picture, y: 46, number: 0 };
    walk.branches(&flat.tree, 0);
    let Walk { mut picture, y, .. } = walk;
    picture.height = y + 12;
    let dead = match voids {
        0 => String::new(),
        n => format!("\n{n} of at most {VOIDS_MAX} lookups that bring nothing: {}", flat.voids.join(", ")),
    };
    picture.words = crate::visible::visible(&format!("{}{dead}", outline(&flat.tree)));
    Some(picture)
}

/// A place for each lookup that there may be; more are marked.
fn gauge(picture: &mut Picture, lookups: usize) {
    for n in 0..lookups.max(LOOKUPS_MAX) {
        let x = u32::try_from(n).unwrap_or(0) * 15;
        match n {
            _ if n >= LOOKUPS_MAX => picture.mark(x, 4, Verdict::Mortal),
            _ if n < lookups => picture.bar(x, 4, 13, 13),
            _ => picture.frame(x, 4, 13, 13),
        }
    }
}

struct Walk {
    picture: Picture,
    /// Where the last row ended.
    y: u32,
    /// The lookups so far.
    number: usize,
}

impl Walk {
    fn branches(&mut self, branches: &[Branch], depth: u32) {
        let trunk = LEFT + depth.min(STEPS_MAX) * STEP;
        let top = self.y;
        let mut end = top;
        for branch in branches {
            end = self.y + 14;
            self.branch(branch, trunk, depth);
        }
        self.picture.line(&[(trunk, top), (trunk, end)]);
    }

    fn branch(&mut self, branch: &Branch, trunk: u32, depth: u32) {
        let row = self.y + 14;
        self.number += 1;
        self.picture.line(&[(trunk, row), (trunk + 8, row)]);
        if self.number > LOOKUPS_MAX {
            self.picture.mark(0, row - 8, Verdict::Mortal);
        } else {
            self.picture.text(0, row + 4, LIGHT, self.number.to_string());
        }
        let left = trunk + 12;
        let room = usize::try_from((WIDTH - left) / 7).unwrap_or(20);
        let mut y = self.picture.lines(left, row + 4, CODE, &branch.term, room);
        let mut notes = Vec::new();
        if branch.lookups > 1 {
            notes.push(format!("{} lookups with all below", branch.lookups));
        }
        if branch.result != "counted" {
            notes.push(branch.result.to_owned());
        }
        if !notes.is_empty() {
            y = self.picture.lines(left, y + 15, LIGHT, &notes.join(", "), room);
        }
        self.y = y + 4;
        if !branch.branches.is_empty() {
            self.branches(&branch.branches, depth + 1);
        }
    }
}
