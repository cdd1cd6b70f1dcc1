//! Writes the list of the files of the admin app that were built before this program.

use std::{
    env, fmt, fs,
    hash::{DefaultHasher, Hash, Hasher},
    io,
    path::{Path, PathBuf},
};

/// Files that stand beside another one and hold its content, compressed.
const COMPRESSED: [&str; 2] = ["br", "gz"];

fn main() -> io::Result<()> {
    let here = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let built = here.join("../../web/dist");
    // The directory itself is always there, so that building the app later is noticed.
    println!("cargo::rerun-if-changed={}", built.display());
    let app = built.join("app");
    let mut files = Vec::new();
    if app.join("index.html").is_file() {
        collect(&app, &app.canonicalize()?, &mut files)?;
    }
    files.sort();
    let mut list = String::from("&[\n");
    for file in &files {
        list += &file.to_string();
    }
    list += "]\n";
    fs::write(Path::new(&variable("OUT_DIR")?).join("assets.rs"), list)
}

fn variable(name: &str) -> io::Result<String> {
    env::var(name).map_err(io::Error::other)
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct File {
    /// Below the app, with slashes.
    path: String,
    file: PathBuf,
    etag: u64,
}

fn collect(directory: &Path, app: &Path, files: &mut Vec<File>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let file = entry?.path();
        let is_hidden = file.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        let is_compressed = file.extension().is_some_and(|kind| COMPRESSED.iter().any(|other| kind == *other));
        if is_hidden || is_compressed {
            continue;
        }
        if file.is_dir() {
            collect(&file, app, files)?;
            continue;
        }
        let file = file.canonicalize()?;
        let path = file.strip_prefix(app).map_err(io::Error::other)?;
        let path = path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/");
        let mut hasher = DefaultHasher::new();
        fs::read(&file)?.hash(&mut hasher);
        files.push(File { path, file, etag: hasher.finish() });
    }
    Ok(())
}

impl fmt::Display for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let included = |file: &Path| format!("include_bytes!({:?})", file.display().to_string());
        let compressed = |kind: &str| {
            let file = PathBuf::from(format!("{}.{kind}", self.file.display()));
            if file.is_file() { format!("Some({})", included(&file)) } else { "None".to_owned() }
        };
        // What is kept compressed is not kept a third time.
        let plain = match compressed("gz") {
            gz if gz == "None" => format!("Some({})", included(&self.file)),
            _ => "None".to_owned(),
        };
        writeln!(
            f,
            "Asset {{ path: {:?}, etag: \"\\\"{:016x}\\\"\", plain: {plain}, gzip: {}, brotli: {} }},",
            self.path,
            self.etag,
            compressed("gz"),
            compressed("br"),
        )
    }
}
