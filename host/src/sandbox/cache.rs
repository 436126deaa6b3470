//! Machine code of components between starts. The engine runs what it finds there: it knows its own version and settings in it,
//! and no more. So nobody but the host's user may be able to put anything there.

use std::fs;
use std::path::Path;

use tracing::warn;
use wasmtime::{Cache, CacheConfig};

/// Machine code that is kept in a directory, where that is the user's own. Without it a start takes a second longer, and
/// nothing else is amiss.
pub(super) fn kept(directory: &Path) -> Option<Cache> {
    if let Err(reason) = make(directory).and_then(|()| own(directory)) {
        warn!(directory = %directory.display(), reason, "machine code is not kept");
        return None;
    }
    let mut config = CacheConfig::new();
    config.with_directory(directory);
    Cache::new(config).ok()
}

/// Makes the directory, for the user alone.
fn make(directory: &Path) -> Result<(), &'static str> {
    let mut maker = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut maker, 0o700);
    maker.recursive(true).create(directory).map_err(|_| "the directory cannot be made")
}

/// Whether the directory is the user's, and nobody else may write to it.
#[cfg(unix)]
fn own(directory: &Path) -> Result<(), &'static str> {
    use std::os::unix::fs::MetadataExt;

    let directory = fs::metadata(directory).map_err(|_| "the directory cannot be looked at")?;
    if directory.uid() != rustix::process::geteuid().as_raw() {
        return Err("the directory is another user's");
    }
    if directory.mode() & 0o022 != 0 {
        return Err("others may write to the directory");
    }
    Ok(())
}

/// The user's cache directory is the user's alone where there are no modes.
#[cfg(not(unix))]
fn own(_: &Path) -> Result<(), &'static str> {
    Ok(())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn mode(directory: &Path) -> u32 {
        fs::metadata(directory).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn the_directory_is_made_for_the_user_alone() {
        let home = tempfile::tempdir().unwrap();
        let directory = home.path().join("cache/freshdesk-host");
        assert!(kept(&directory).is_some());
        assert_eq!(mode(&directory), 0o700);
        assert!(kept(&directory).is_some());
    }

    #[test]
    fn machine_code_is_not_taken_from_where_others_may_write() {
        let directory = tempfile::tempdir().unwrap();
        for (mode, is_kept) in [(0o755, true), (0o775, false), (0o757, false), (0o1777, false), (0o700, true)] {
            fs::set_permissions(directory.path(), fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(kept(directory.path()).is_some(), is_kept, "{mode:o}");
        }
    }

    #[test]
    fn machine_code_is_not_taken_from_another_user() {
        let directory = tempfile::tempdir().unwrap();
        // Only the system's administrator can give a directory away.
        if std::os::unix::fs::chown(directory.path(), Some(65534), None).is_ok() {
            assert_eq!(own(directory.path()), Err("the directory is another user's"));
            assert!(kept(directory.path()).is_none());
        }
        // What belongs to the administrator is nobody else's.
        let is_root = rustix::process::geteuid().is_root();
        assert_eq!(own(Path::new("/usr")).is_ok(), is_root);
    }

    #[test]
    fn a_directory_that_cannot_be_made_is_done_without() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(kept(&file.path().join("cache")).is_none());
        assert!(kept(file.path()).is_none());
    }
}
