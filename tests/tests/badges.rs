//! Badges are valid SVG by an outside validator: the Nu Html Checker (the W3C's own), from the npm package vnu-jar that
//! package.json pins. All that can be drawn of three reports are looked at, and those that a site answers with.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, Result, ensure};
use frontend::badge::{Badge, FRESH_MS, Theme, flat, seal};
use mailsins_tests::Site;
use shared::{Report, Sin};

/// Says what is wrong with all files of a folder, a line a fault; a warning is one.
fn validate(folder: &Path) -> Result<Output> {
    let jar = concat!(env!("CARGO_MANIFEST_DIR"), "/../node_modules/vnu-jar/build/dist/vnu.jar");
    let mut checker = Command::new("java");
    checker.args(["-jar", jar, "--svg", "--Werror"]).arg(folder);
    checker.output().context("run java")
}

/// A folder of a test's own, empty.
fn folder(of: &str) -> Result<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(of);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// The reports that are kept in the source: A+, F, and one that has no letter for each sin.
fn reports() -> Result<Vec<Report>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let files =
        ["frontend/static/examples/saint.json", "frontend/static/examples/sinner.json", "tests/recorded/unsure.json"];
    files.iter().map(|file| Ok(serde_json::from_str(&fs::read_to_string(root.join(file))?)?)).collect()
}

#[tokio::test]
async fn badges_are_valid_svg() -> Result<()> {
    let folder = folder("badges")?;
    let mut drawn = 0;
    for report in reports()? {
        // On its day, and so long after that it is grey.
        for (age, now) in [("fresh", 0), ("old", FRESH_MS * 3_000)] {
            let whole = [("all".to_owned(), Badge::of(&report, now))];
            let sins = Sin::ALL.map(|sin| (sin.numeral().to_owned(), Badge::of_sin(&report, sin, now)));
            for (of, badge) in whole.into_iter().chain(sins) {
                ensure!(badge.title.contains("30 days ago") <= (age == "old"), "{}", badge.title);
                for (look, theme) in [("light", Theme::Light), ("dark", Theme::Dark), ("auto", Theme::Auto)] {
                    let name = format!("{}-{of}-{look}-{age}", report.domain);
                    fs::write(folder.join(format!("{name}-flat.svg")), flat(&badge, theme))?;
                    fs::write(folder.join(format!("{name}-seal.svg")), seal(&badge, theme))?;
                    drawn += 2;
                }
            }
        }
    }
    // What a site sends is the same, and comes last.
    let site = Site::new()?;
    let (published, _) = site.scan("saint.test").await?;
    let badge = published.badge.strip_prefix(&site.origin).unwrap_or(&published.badge);
    for query in ["", "?theme=dark", "?theme=auto&style=seal", "?sin=3&style=seal"] {
        let svg = site.get(&format!("{badge}.svg{query}")).await?.error_for_status()?.text().await?;
        fs::write(folder.join(format!("site-{drawn}.svg")), svg)?;
        drawn += 1;
    }
    fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("../frontend/static/favicon.svg"), folder.join("favicon.svg"))?;
    ensure!(drawn == 3 * 2 * 8 * 3 * 2 + 4, "{drawn} badges");
    let output = validate(&folder)?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

/// Or a validator that takes everything would be taken for a pass.
#[test]
fn the_validator_finds_faults() -> Result<()> {
    let folder = folder("faulty-badges")?;
    let report = reports()?.into_iter().next().context("a report")?;
    let good = flat(&Badge::of(&report, 0), Theme::Auto);
    let faults = [
        ("<rect ", "<rect round=\"3\" "),
        ("<title>", "<title/><titel>"),
        ("role=\"img\"", "role=\"picture\""),
        ("</svg>", ""),
    ];
    for (number, (right, wrong)) in faults.iter().enumerate() {
        let bad = good.replacen(right, wrong, 1);
        ensure!(bad != good, "{right} is not in a badge");
        fs::write(folder.join(format!("bad-{number}.svg")), bad)?;
    }
    let said = String::from_utf8(validate(&folder)?.stderr)?;
    for (number, (_, wrong)) in faults.iter().enumerate() {
        ensure!(said.contains(&format!("bad-{number}.svg")), "{wrong}: no fault in {said}");
    }
    Ok(())
}
