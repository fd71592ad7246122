//! Every input of the corpus, and some thousand mutations of it, through every target. A crash that was found stays
//! in the corpus, as `fixed-…`.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use fuzz::{TARGETS, Target};

/// The most that the whole corpus may weigh, in octets.
const CORPUS_MAX: usize = 500_000;
/// How many mutations each target gets, at most and at least.
const MUTATIONS: (u32, u32) = (10_000, 100);
/// After this it gets no more than the least.
const LONG: Duration = Duration::from_millis(1_500);
/// The longest that one input may take, in a build that is not optimised.
const INPUT_MAX: Duration = Duration::from_secs(5);

fn corpus(target: &Target) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target.name);
    let files = fs::read_dir(&folder).unwrap_or_else(|why| panic!("{}: {why}", folder.display()));
    let mut inputs: Vec<_> =
        files.map(|file| file.unwrap().path()).map(|path| (path.clone(), fs::read(path).unwrap())).collect();
    inputs.sort();
    inputs
}

/// The same numbers in every run (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end.max(1)
    }
}

fn mutate(dice: &mut Dice, seeds: &[(PathBuf, Vec<u8>)], longest: usize) -> Vec<u8> {
    const ODD: [&[u8]; 8] =
        [b"\0", b"\r\n", b"\xff\xff", b"\"", "\u{202e}".as_bytes(), b"%{", b"99999999999", b" = ; : , "];
    let mut input = seeds[dice.below(seeds.len())].1.clone();
    for _ in 0..=dice.below(4) {
        let at = dice.below(input.len() + 1);
        let end = (at + dice.below(16)).min(input.len());
        match dice.below(6) {
            0 if at < input.len() => input[at] = dice.below(256) as u8,
            1 if at < input.len() => input[at] ^= 1 << dice.below(8),
            2 => drop(input.drain(at..end)),
            3 => drop(input.splice(at..at, ODD[dice.below(ODD.len())].iter().copied())),
            4 => input.extend_from_within(at..end),
            _ => {
                let other = &seeds[dice.below(seeds.len())].1;
                let from = dice.below(other.len() + 1);
                input.splice(at..end, other[from..].iter().copied().take(64));
            }
        }
    }
    input.truncate(longest);
    input
}

fn run(target: &Target, what: &dyn Fn() -> String, input: &[u8]) {
    let shown = || input[..input.len().min(4_096)].escape_ascii();
    let begun = Instant::now();
    if catch_unwind(AssertUnwindSafe(|| (target.run)(input))).is_err() {
        panic!("{} fails on {}: {}", target.name, what(), shown());
    }
    let took = begun.elapsed();
    assert!(took < INPUT_MAX, "{} takes {took:?} for {}: {}", target.name, what(), shown());
}

#[test]
fn every_target_takes_everything() {
    let mut weight = 0;
    for target in TARGETS {
        let begun = Instant::now();
        let seeds = corpus(target);
        assert!(!seeds.is_empty(), "{} has no corpus", target.name);
        weight += seeds.iter().map(|(_, input)| input.len()).sum::<usize>();
        for (path, input) in &seeds {
            run(target, &|| path.display().to_string(), input);
        }
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
        let mut count = 0;
        while count < MUTATIONS.1 || (count < MUTATIONS.0 && begun.elapsed() < LONG) {
            count += 1;
            run(target, &|| format!("mutation {count}"), &mutate(&mut dice, &seeds, target.longest));
        }
        println!(
            "{:<16}{:>5} seeds{count:>6} mutations{:>8.1} s",
            target.name,
            seeds.len(),
            begun.elapsed().as_secs_f32()
        );
    }
    assert!(weight <= CORPUS_MAX, "the corpus weighs {weight} octets");
}

/// What is long takes long, but no longer than that: each input many times over, and what parsers count or nest.
#[test]
fn no_target_blows_up() {
    const LENGTH: usize = 64 * 1024;
    const UNITS: [&[u8]; 16] =
        [b"a", b"1", b".", b"a.", b"1.", b" ", b"\"", b"(", b"%{", b"\n", b"\\", b"-", b"=", b";", b"<g>", b"["];
    for target in TARGETS.iter().filter(|target| !["world", "stored"].contains(&target.name)) {
        let begun = Instant::now();
        let seeds = corpus(target);
        let units = seeds.iter().map(|(_, seed)| seed.as_slice()).chain(UNITS).filter(|unit| !unit.is_empty());
        for unit in units {
            // Behind a seed's beginning, which chooses what is read.
            let head = seeds.first().and_then(|(_, seed)| seed.get(..2)).unwrap_or_default();
            let long = [head, &unit.repeat(LENGTH / unit.len())].concat();
            run(target, &|| format!("{} many times", unit.escape_ascii()), &long);
            run(target, &|| format!("{} many times, from the start", unit.escape_ascii()), &long[head.len()..]);
        }
        println!("{:<16}{:>8.1} s", target.name, begun.elapsed().as_secs_f32());
    }
}

#[test]
fn no_corpus_without_a_target() {
    for folder in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")).unwrap() {
        let name = folder.unwrap().file_name().into_string().unwrap();
        assert!(fuzz::named(&name).is_some(), "{name} is no target");
    }
}
