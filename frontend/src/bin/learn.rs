//! Writes the pages to read into a folder: `learn ASSETS FOLDER`, the first a file that names what pages load.

use std::path::Path;
use std::{env, fs, io};

use frontend::learn::{Page, pages};

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let mut arguments = env::args_os().skip(1);
    let (Some(assets), Some(folder)) = (arguments.next(), arguments.next()) else {
        return Err(io::Error::other("learn ASSETS FOLDER"));
    };
    let assets = serde_json::from_slice(&fs::read(assets)?)?;
    for Page { name, text } in pages(&assets).await {
        let file = Path::new(&folder).join(format!("{name}.page"));
        fs::create_dir_all(file.parent().unwrap_or(Path::new(&folder)))?;
        fs::write(file, text)?;
    }
    Ok(())
}
