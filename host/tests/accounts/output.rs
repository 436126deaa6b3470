//! What a command printed and said.

use std::process::Output;

/// What a command printed that succeeded.
pub(crate) fn succeeded(output: &Output) -> String {
    assert!(output.status.success(), "{}: {}{}", output.status, stdout(output), stderr(output));
    stdout(output)
}

/// What a command said that could not be carried out.
pub(crate) fn refused(output: &Output) -> String {
    assert_eq!((output.status.code(), stdout(output).as_str()), (Some(2), ""), "{}", stderr(output));
    stderr(output)
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
