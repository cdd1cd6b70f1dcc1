//! Chinese texts are set as Chinese texts are.

use std::path::Path;

fn is_han(letter: char) -> bool {
    matches!(letter, '\u{3400}'..='\u{9fff}')
}

/// Half-width marks that stand directly beside a Chinese character, with their lines. Quotation marks stand between where a
/// text begins or ends, so what is found is within a text. Comments and tests are passed over.
fn slips_in(file: &Path, slips: &mut Vec<String>) {
    let text = std::fs::read_to_string(file).unwrap();
    for (number, line) in text.lines().enumerate() {
        if line.trim_start() == "#[cfg(test)]" {
            return;
        }
        if line.trim_start().starts_with("//") {
            continue;
        }
        let letters: Vec<char> = line.chars().collect();
        for pair in letters.windows(2) {
            let is_mark = |letter: char| matches!(letter, ',' | ';' | ':' | '!' | '?' | '(' | ')');
            let is_slip = (is_han(pair[0]) && is_mark(pair[1])) || (is_mark(pair[0]) && is_han(pair[1]));
            if is_slip {
                slips.push(format!("{}:{}: {}", file.display(), number + 1, line.trim()));
            }
        }
    }
}

fn look_into(folder: &Path, slips: &mut Vec<String>, files: &mut usize) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() && name != "tests" {
            look_into(&path, slips, files);
        } else if name.ends_with(".rs") && name != "tests.rs" {
            *files += 1;
            slips_in(&path, slips);
        }
    }
}

#[test]
fn no_half_width_mark_stands_beside_a_chinese_character() {
    let (mut slips, mut files) = (Vec::new(), 0);
    look_into(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut slips, &mut files);
    assert!(files > 100, "{files} files were read");
    assert!(slips.is_empty(), "{}", slips.join("\n"));
}
