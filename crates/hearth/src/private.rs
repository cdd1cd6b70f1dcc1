//! Directories and files that only their owner may look into.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Write},
    path::Path,
};

/// Makes a directory with mode 0700, and those above it as usual. One that is there already gets that mode while it is
/// empty; what it holds otherwise is not ours to hide.
pub fn make_dir(dir: &Path) -> io::Result<()> {
    if let Some(parent) = dir.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(dir) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && dir.is_dir() => {
            if fs::read_dir(dir)?.next().is_none() {
                #[cfg(unix)]
                fs::set_permissions(dir, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
            }
            Ok(())
        }
        other => other,
    }
}

/// Writes a file with mode 0600, which must not exist yet.
pub fn write_new(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(file)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn what_is_made_is_closed_to_others_and_what_is_there_stays() {
        let dir = tempfile::tempdir().unwrap();
        let new = dir.path().join("a/b");
        make_dir(&new).unwrap();
        assert_eq!(mode(&new), 0o700);
        write_new(&new.join("secret"), b"x").unwrap();
        assert_eq!(mode(&new.join("secret")), 0o600);
        assert!(write_new(&new.join("secret"), b"y").is_err());
        for (open, expected) in [(dir.path().join("empty"), 0o700), (dir.path().join("full"), 0o755)] {
            fs::create_dir(&open).unwrap();
            fs::set_permissions(&open, fs::Permissions::from_mode(0o755)).unwrap();
            if expected == 0o755 {
                fs::write(open.join("x"), "x").unwrap();
            }
            make_dir(&open).unwrap();
            assert_eq!(mode(&open), expected);
        }
    }
}
