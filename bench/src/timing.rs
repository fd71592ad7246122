//! How long something takes, on a machine that others use too.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// How long one sample should take at least: far more than a look at the clock.
const SAMPLE: Duration = Duration::from_micros(500);

/// Measures several things in turn, so that whatever else the machine does meets all of them, and gives the
/// median of each in seconds.
pub fn medians(works: &mut [&mut dyn FnMut()], within: Duration) -> Vec<f64> {
    let repeats: Vec<u32> = works.iter_mut().map(|work| repeats(work)).collect();
    let mut samples = vec![Vec::new(); works.len()];
    let begun = Instant::now();
    while begun.elapsed() < within || samples.iter().any(|of| of.len() < 5) {
        for ((work, repeats), of) in works.iter_mut().zip(&repeats).zip(&mut samples) {
            let begun = Instant::now();
            for _ in 0..*repeats {
                work();
            }
            of.push(begun.elapsed().as_secs_f64() / f64::from(*repeats));
        }
    }
    samples.into_iter().map(median).collect()
}

/// One thing alone.
pub fn one<T>(within: Duration, mut work: impl FnMut() -> T) -> f64 {
    let mut work = || drop(black_box(work()));
    medians(&mut [&mut work], within).first().copied().unwrap_or(f64::NAN)
}

/// The middle of what was measured.
pub fn median(of: Vec<f64>) -> f64 {
    quantile(of, 0.5)
}

/// The value that so large a part of them does not exceed.
pub fn quantile(mut of: Vec<f64>, part: f64) -> f64 {
    of.sort_by(f64::total_cmp);
    let at = (of.len() as f64 * part).ceil() as usize;
    of.get(at.saturating_sub(1)).or(of.last()).copied().unwrap_or(f64::NAN)
}

fn repeats(work: &mut dyn FnMut()) -> u32 {
    let mut repeats = 1;
    loop {
        let begun = Instant::now();
        for _ in 0..repeats {
            work();
        }
        if begun.elapsed() >= SAMPLE {
            return repeats;
        }
        repeats *= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles() {
        let ten: Vec<f64> = (1..=10).rev().map(f64::from).collect();
        let rows = [(0.5, 5.0), (0.9, 9.0), (0.99, 10.0), (1.0, 10.0), (0.0, 1.0)];
        for (part, want) in rows {
            assert_eq!(quantile(ten.clone(), part), want, "{part}");
        }
        assert!(median(Vec::new()).is_nan());
    }
}
