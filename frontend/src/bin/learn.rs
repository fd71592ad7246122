//! Writes the pages to read into a folder: `learn STYLE FOLDER`, the first as the address of the style sheet.

use std::path::Path;
use std::{env, fs, io};

use frontend::learn::{Page, pages};

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let mut arguments = env::args_os().skip(1);
    let (Some(style), Some(folder)) = (arguments.next(), arguments.next()) else {
        return Err(io::Error::other("learn STYLE FOLDER"));
    };
    for Page { name, text } in pages(&style.to_string_lossy()).await {
        let file = Path::new(&folder).join(format!("{name}.page"));
        fs::create_dir_all(file.parent().unwrap_or(Path::new(&folder)))?;
        fs::write(file, text)?;
    }
    Ok(())
}
