//! The text of certificates: ZPL, the [ZeroMQ property
//! language](https://rfc.zeromq.org/spec/4/), as czmq and pyzmq write and read
//! it.
//!
//! ```text
//! # a comment
//! metadata
//!     name = Alice      # another
//! curve
//!     public-key = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"
//! ```
//!
//! czmq refuses a file for a line that is not quite so, pyzmq looks for lines
//! that begin with `public-key` or `secret-key` and for nothing else. What
//! either reads is read here, but a key must be as it should be.

use super::certificate::CertificateProblem;

/// Older czmq cuts off what is longer, and with it the quote that ends the value.
const LONGEST_LINE: usize = 1024;

/// How far a tab goes.
const TAB: usize = 4;

/// A line with a name.
pub(super) struct Property<'a> {
    /// From 1.
    pub(super) line: usize,
    pub(super) name: &'a str,
    /// What comes after `=`, with quotes and comment.
    raw: Option<&'a str>,
    /// The outermost section that it is in.
    pub(super) section: Option<&'a str>,
    /// How many sections it is in.
    pub(super) depth: usize,
}

/// The properties of a text. What has no name is passed over, as pyzmq does.
pub(super) fn properties(text: &str) -> impl Iterator<Item = Property<'_>> {
    // Windows' editors begin UTF-8 with a mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // The properties that the line before is in, and itself, with their indents.
    let mut sections: Vec<(usize, &str)> = Vec::new();
    text.lines().enumerate().filter_map(move |(index, line)| {
        let content = line.trim_start_matches([' ', '\t']);
        let (name, raw) = match content.find(['=', '#']) {
            Some(end) if content[end..].starts_with('=') => {
                (&content[..end], Some(content[end + 1..].trim()))
            }
            Some(end) => (&content[..end], None),
            None => (content, None),
        };
        let name = name.trim();
        if name.is_empty() {
            return None;
        }
        let indent = line[..line.len() - content.len()].bytes();
        let indent = indent.fold(0, |column, c| match c {
            b'\t' => column / TAB * TAB + TAB,
            _ => column + 1,
        });
        let outer = sections.iter().take_while(|section| section.0 < indent);
        let depth = outer.count();
        sections.truncate(depth);
        let section = sections.first().map(|section| section.1);
        sections.push((indent, name));
        Some(Property {
            line: index + 1,
            name,
            raw,
            section,
            depth,
        })
    })
}

impl<'a> Property<'a> {
    /// The value as far as it can be told: a quote that is not closed at the end
    /// is a character like any other, as pyzmq writes it.
    pub(super) fn value(&self) -> &'a str {
        let raw = self.raw.unwrap_or("");
        match quoted(raw) {
            Some((value, rest)) if ends(rest) => value,
            _ => raw.split('#').next().unwrap_or("").trim_end(),
        }
    }

    /// The value as a key. Those have `#` and `=` in them; without quotes they go
    /// on to the next blank.
    pub(super) fn key(&self) -> Result<&'a str, CertificateProblem> {
        let raw = self.raw.unwrap_or("");
        let (key, rest) = match quoted(raw) {
            Some(parts) => parts,
            None if raw.starts_with(['"', '\'']) => return Err(CertificateProblem::OpenQuote),
            None => match raw.split_once([' ', '\t']) {
                Some(parts) => parts,
                // A comment may follow at once.
                None if raw.get(40..).is_some_and(|rest| rest.starts_with('#')) => raw.split_at(40),
                None => (raw, ""),
            },
        };
        match ends(rest) {
            true => Ok(key),
            false => Err(CertificateProblem::AfterKey),
        }
    }
}

/// What is between the quote that `raw` begins with and the next one, and what
/// comes after it.
fn quoted(raw: &str) -> Option<(&str, &str)> {
    let quote = raw.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    raw[1..].split_once(quote)
}

/// Whether there is no more than a comment.
fn ends(rest: &str) -> bool {
    let rest = rest.trim_start();
    rest.is_empty() || rest.starts_with('#')
}

/// Whether czmq reads `name` as one.
pub(super) fn is_name(name: &str) -> bool {
    let is_ok = |c: u8| c.is_ascii_alphanumeric() || b"$-_@.&+/".contains(&c);
    !name.is_empty() && name.bytes().all(is_ok) && !name.starts_with('/') && !name.ends_with('/')
}

/// A line that everybody reads as this name and value, if there is one.
pub(super) fn line(name: &str, value: &str) -> Option<String> {
    // There is nothing like a backslash: a value can have one sort of quotes, or
    // both if it needs none around.
    let is_bare =
        || !value.starts_with(['"', '\'']) && !value.contains('#') && value.trim() == value;
    let line = match value {
        _ if value.contains(|c: char| c.is_control() && c != '\t') => return None,
        _ if !value.contains('"') => format!("    {name} = \"{value}\"\n"),
        _ if !value.contains('\'') => format!("    {name} = '{value}'\n"),
        _ if is_bare() => format!("    {name} = {value}\n"),
        _ => return None,
    };
    (line.len() <= LONGEST_LINE).then_some(line)
}
