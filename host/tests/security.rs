//! What SECURITY.md and the tables that it leads to say of tests and files: each is there, by its name, and no row is missing.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Folders that are made by builds and by package managers.
const MADE: [&str; 7] = ["target", ".git", "node_modules", "generated", ".venv", "corpus", "artifacts"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// All files of the repository whose names are to somebody's liking.
fn files(wanted: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![root()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if path.is_dir() && !MADE.contains(&name) {
                folders.push(path);
            } else if path.is_file() && wanted(name) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The names of the tests in a source: functions below an attribute that makes them one, unless another has them left out.
fn tests_of(source: &str) -> Vec<String> {
    let (mut names, mut test, mut left_out) = (Vec::new(), false, false);
    for line in source.lines().map(str::trim) {
        if let Some(attribute) = line.strip_prefix("#[") {
            test |= attribute.starts_with("test]") || attribute.starts_with("tokio::test");
            left_out |= attribute.starts_with("ignore");
        } else if !line.starts_with("//") {
            let function = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ");
            if let (true, false, Some(rest)) = (test, left_out, function) {
                names.push(rest.split(['(', '<']).next().unwrap().to_owned());
            }
            (test, left_out) = (false, false);
        }
    }
    names
}

fn tests() -> BTreeSet<String> {
    files(|name| name.ends_with(".rs")).iter().flat_map(|file| tests_of(&fs::read_to_string(file).unwrap())).collect()
}

/// The cells of a document's rows that begin with a letter and a number, such as `B7`.
fn rows(document: &str, letter: char) -> Vec<Vec<&str>> {
    let lines = document.lines().filter(|line| line.starts_with('|'));
    let cells = lines.map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect::<Vec<_>>());
    let numbered = |cells: &Vec<&str>| {
        let number = cells[0].strip_prefix(letter);
        number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
    };
    cells.filter(numbered).collect()
}

/// What is written as code.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// Whether a piece of code is the name of a test: words in a row.
fn is_test(code: &str) -> bool {
    code.contains('_') && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// Has each row of a table name tests that there are, and the table have rows of this letter from 1 to this number.
fn is_answered(document: &str, letter: char, rows_to: usize) {
    let (text, tests) = (read(document), tests());
    let rows = rows(&text, letter);
    let numbers: Vec<_> = rows.iter().map(|row| row[0].to_owned()).collect();
    assert_eq!(numbers, (1..=rows_to).map(|number| format!("{letter}{number}")).collect::<Vec<_>>(), "{document}");
    for row in rows {
        let named: Vec<_> = code(row.last().unwrap()).filter(|code| is_test(code)).collect();
        assert!(!named.is_empty(), "{document}: {} names no test", row[0]);
        for test in named {
            assert!(tests.contains(test), "{document}: {} names the test {test}, which there is not", row[0]);
        }
    }
}

#[test]
fn each_bug_of_others_has_a_test() {
    is_answered("docs/bugs-of-others.md", 'B', 28);
}

#[test]
fn each_demand_on_a_vault_and_its_page_has_a_test() {
    is_answered("docs/security-answers.md", 'D', 26);
}

#[test]
fn each_attack_has_a_test() {
    is_answered("docs/security-answers.md", 'A', 14);
}

/// A test that begins with `b7_` says in its name that it is about B7.
#[test]
fn tests_are_named_after_bugs_that_there_are() {
    let numbers = |test: &str| {
        let parts = test.split('_').map_while(|part| part.strip_prefix('b')?.parse::<usize>().ok());
        parts.collect::<Vec<_>>()
    };
    let named: BTreeSet<_> = tests().iter().flat_map(|test| numbers(test)).collect();
    assert!(named.len() > 20 && named.iter().all(|number| (1..=28).contains(number)), "{named:?}");
}

/// What SECURITY.md names in the last column of its tables is there: tests; files, from the root or from the folder of the one
/// before. So is what it links to.
#[test]
fn what_security_md_names_is_there() {
    let (text, tests, root) = (read("SECURITY.md"), tests(), root());
    let lines = text.lines().filter(|line| line.starts_with('|'));
    let cells = lines.filter_map(|line| line.trim_end_matches('|').rsplit(" | ").next());
    let mut folder = root.clone();
    let mut seen = 0;
    for name in cells.flat_map(code) {
        if is_test(name) {
            assert!(tests.contains(name), "the test {name}");
        } else if name.ends_with(".rs") || name.ends_with('/') {
            let found = [&root, &folder].into_iter().map(|folder| folder.join(name)).find(|path| path.exists());
            let path = found.unwrap_or_else(|| panic!("{name} is neither at the root nor in {}", folder.display()));
            folder = if path.is_dir() { path } else { path.parent().unwrap().to_owned() };
            seen += 1;
        }
    }
    assert!(seen > 40, "{seen}");
    for link in text.split("](").skip(1).map(|rest| rest.split([')', '#']).next().unwrap()) {
        assert!(link.is_empty() || link.starts_with("https://") || root.join(link).exists(), "{link}");
    }
}

/// The check itself: it sees what is missing, and takes neither a helper nor what is left out for a test.
#[test]
fn a_test_that_is_not_there_is_missed() {
    let source = "
        #[test]
        #[cfg(unix)]
        /// About it.
        fn one_that_runs() {}
        fn a_helper() {}
        #[tokio::test(flavor = \"multi_thread\")]
        async fn another_that_runs() {}
        #[test]
        #[ignore = \"it is slow\"]
        fn one_that_is_left_out() {}
        #[cfg(unix)]
        fn no_test() {}";
    assert_eq!(tests_of(source), ["one_that_runs", "another_that_runs"]);
    let table = "| B1 | what | `one_that_runs`, `host/src/x.rs` |\n| B2x | no row | |\n| A1 | another | |";
    assert_eq!(rows(table, 'B'), [["B1", "what", "`one_that_runs`, `host/src/x.rs`"]]);
    assert_eq!(code(rows(table, 'B')[0][2]).filter(|code| is_test(code)).collect::<Vec<_>>(), ["one_that_runs"]);
}

/// B1: what is installed today is installed tomorrow. Each workspace and each package of Node has its lock file, which fits;
/// packages of Python are named by their versions; and what scripts install, they install as it was locked.
#[test]
fn b1_what_is_installed_is_named_by_its_version() {
    let workspaces = files(|name| name == "Cargo.toml");
    let workspaces =
        workspaces.iter().filter(|file| fs::read_to_string(file).unwrap().lines().any(|l| l == "[workspace]"));
    for workspace in workspaces {
        assert!(workspace.with_file_name("Cargo.lock").exists(), "{workspace:?}");
        // A lock file that does not fit would have to be written, which this forbids. That a package of another workspace is
        // not on this machine is no matter.
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(["tree", "--locked", "--offline", "--depth", "0", "--manifest-path"]).arg(workspace);
        let output = cargo.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        let ours = workspace.parent() == Some(root().as_path());
        assert!(!said.contains("lock file") && (output.status.success() || !ours), "{workspace:?}: {said}");
    }
    let packages = files(|name| name == "package.json");
    assert!(
        !packages.is_empty() && packages.iter().all(|package| package.with_file_name("package-lock.json").exists())
    );
    for file in files(|name| name == "requirements.txt") {
        let text = fs::read_to_string(&file).unwrap();
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        assert!(lines.all(|line| line.contains("==")), "{file:?}");
    }
    let scripts = files(|name| !name.contains('.') || name.ends_with(".sh") || name.ends_with(".md"));
    let installs = scripts.iter().flat_map(|script| {
        let text = fs::read_to_string(script).unwrap_or_default().replace("\\\n", " ");
        text.lines()
            .filter(|line| line.contains("cargo install ") && !line.contains("--list"))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    });
    let installs: Vec<_> = installs.collect();
    assert!(!installs.is_empty());
    for line in installs {
        assert!(line.contains("--locked") && (line.contains('@') || line.contains("--path")), "{line}");
    }
}
