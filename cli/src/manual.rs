//! `mailsins completions` and `mailsins man`: what comes from the description of the command line.

use std::io::Write as _;
use std::path::Path;

use clap::CommandFactory;
use clap_complete::{Shell, generate};
use clap_mangen::Man;

use crate::args::Args;
use crate::{End, refuse};

/// Prints what makes a shell complete this program's commands and options.
pub(crate) fn completions(shell: Shell) -> End {
    let mut text = Vec::new();
    generate(shell, &mut Args::command(), "mailsins", &mut text);
    print(&text)
}

/// Prints the manual page, or writes those of all commands into a folder.
pub(crate) fn man(folder: Option<&Path>) -> End {
    let page = |command: clap::Command| {
        let mut text = Vec::new();
        // Values of the environment are not for a page that others read.
        let command = command.mut_args(|arg| arg.hide_env_values(true));
        Man::new(command).render(&mut text).map(|()| text)
    };
    let Some(folder) = folder else {
        return page(Args::command()).map_or(End::Unable, |text| print(&text));
    };
    let mut program = Args::command().disable_help_subcommand(true);
    program.build();
    let mut pages = vec![("mailsins".to_owned(), program.clone())];
    for command in program.get_subcommands() {
        let command = command.clone().version(env!("CARGO_PKG_VERSION"));
        pages.push((format!("mailsins-{}", command.get_name()), command));
    }
    for (name, command) in pages {
        let file = folder.join(format!("{name}.1"));
        if let Err(error) = page(command).and_then(|text| std::fs::write(&file, text)) {
            return refuse(End::Usage, &format!("{} can't be written: {error}", file.display()));
        }
    }
    End::Clean
}

fn print(text: &[u8]) -> End {
    // A reader that has seen enough and closed the pipe is no failure.
    let _ = std::io::stdout().write_all(text);
    End::Clean
}
