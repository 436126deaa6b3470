//! Memory in which keys are is written to no file when a host crashes.

use std::os::unix::fs::MetadataExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, geteuid, kill_process};

use crate::office::{Office, Server, wait_for};

/// A user without rights.
const NOBODY: u32 = 65_534;

/// A command that may write core files of any size, in the folder that it runs in.
fn unlimited(command: &Command) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", "ulimit -c unlimited && exec \"$@\"", "sh"]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        shell.env(name, value.unwrap_or_default());
    }
    shell.current_dir(command.get_current_dir().unwrap());
    shell
}

fn cores(office: &Office) -> usize {
    office.files().iter().filter(|file| file.file_name().unwrap().to_string_lossy().starts_with("core")).count()
}

/// How a process ends that aborts, and is as any other.
fn abort_of_another(office: &Office) -> ExitStatus {
    let mut sleep = Command::new("sleep");
    sleep.arg("60").current_dir(office.path("."));
    let mut child = unlimited(&sleep).spawn().unwrap();
    // Until the shell has become what it runs.
    let comm = format!("/proc/{}/comm", child.id());
    wait_for("sleep", || std::fs::read_to_string(&comm).is_ok_and(|name| name.trim() == "sleep"));
    kill_process(Pid::from_child(&child), Signal::ABORT).unwrap();
    child.wait().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_crashes_leaves_no_core_file() {
    let office = Office::open().await;
    let control = abort_of_another(&office);
    assert_eq!(control.signal(), Some(6));
    let written = cores(&office);
    if !control.core_dumped() {
        println!("SKIPPED in part: this system writes no core file of any process");
    }
    let command = unlimited(&office.command(&["serve", "--listen", "127.0.0.1:0"]));
    let server = tokio::task::block_in_place(|| Server::start(command, &office.path("serve.log")));
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", server.id())).unwrap();
    let limit = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(limit.split_whitespace().skip(4).collect::<Vec<_>>(), ["0", "0", "bytes"], "{limit}");
    let status = server.end(Signal::ABORT);
    assert_eq!((status.signal(), status.core_dumped()), (Some(6), false));
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(cores(&office), written, "{:?}", office.files());
}

/// A process that waits for its standard input, run by somebody who is not the system's administrator.
fn waiting(mut command: Command) -> Option<Child> {
    if geteuid().is_root() {
        command.uid(NOBODY);
    }
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()
}

/// Whom the system lets look into a process: the owner of its files.
fn owner(child: &Child) -> u32 {
    std::fs::metadata(format!("/proc/{}/environ", child.id())).unwrap().uid()
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_but_the_administrator_may_look_into_a_host() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_freshdesk-host"));
    command.args(["call", "freshdesk_roles_list", "-"]).env_clear().current_dir("/");
    let Some(mut host) = waiting(command) else {
        println!("SKIPPED: another user of this system may not run {}", env!("CARGO_BIN_EXE_freshdesk-host"));
        return;
    };
    let mut other = waiting(Command::new("cat")).unwrap();
    wait_for("that it closes itself", || owner(&host) == 0);
    assert_ne!(owner(&other), 0, "others are their owner's to look into");
    for child in [&mut host, &mut other] {
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
