//! The files of the admin app, inside the program: what `scripts/web.sh` built from `web/` before it was compiled.
//!
//! Invariant: [`ASSETS`] is sorted by path. It is empty when the app was not built.

/// One file of the app.
#[derive(Clone, Copy, Debug)]
pub struct Asset {
    /// Where it stands below the app, such as `assets/index-C2pQ.js`.
    pub path: &'static str,
    /// Says by its content which one it is, in quotation marks.
    pub etag: &'static str,
    /// Its bytes, when they are not kept compressed.
    pub plain: Option<&'static [u8]>,
    /// Its bytes by gzip.
    pub gzip: Option<&'static [u8]>,
    /// Its bytes by Brotli.
    pub brotli: Option<&'static [u8]>,
}

impl Asset {
    /// Its media type.
    pub fn media_type(&self) -> &'static str {
        match self.path.rsplit('.').next() {
            Some("html") => "text/html; charset=utf-8",
            Some("js") => "text/javascript; charset=utf-8",
            Some("css") => "text/css; charset=utf-8",
            Some("json") => "application/json",
            Some("svg") => "image/svg+xml",
            Some("png") => "image/png",
            Some("woff2") => "font/woff2",
            Some("txt") => "text/plain; charset=utf-8",
            _ => "application/octet-stream",
        }
    }

    /// Whether its name changes with its content, so that browsers may keep it for ever.
    pub fn is_immutable(&self) -> bool {
        self.path.starts_with("assets/")
    }
}

/// All files of the app.
pub const ASSETS: &[Asset] = include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The one of this path.
pub fn find(assets: &'static [Asset], path: &str) -> Option<&'static Asset> {
    assets.binary_search_by(|asset| asset.path.cmp(path)).ok().map(|place| &assets[place])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_found_and_has_its_bytes() {
        for asset in ASSETS {
            assert_eq!(find(ASSETS, asset.path).map(|found| found.etag), Some(asset.etag));
            assert!(asset.plain.is_some() || asset.gzip.is_some(), "{}", asset.path);
            assert_ne!(asset.media_type(), "application/octet-stream", "{}", asset.path);
        }
        assert!(find(ASSETS, "no/such/file").is_none());
    }
}
