//! Z85 and CURVE keys: there and back, and as libzmq has it.

#![no_main]

use std::ffi::{c_char, CString};

use libfuzzer_sys::fuzz_target;
use zmq::{z85_decode, z85_encode, CurveKeyPair, DecodeError, EncodeError};

fuzz_target!(|bytes: &[u8]| {
    match z85_encode(bytes) {
        Ok(text) => {
            assert_eq!(text.len(), bytes.len() / 4 * 5);
            assert_eq!(text, libzmq_encode(bytes));
            assert_eq!(z85_decode(&text).unwrap(), bytes);
        }
        Err(error) => {
            assert_eq!(error, EncodeError::BadLength);
            assert_ne!(bytes.len() % 4, 0);
        }
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let decoded = z85_decode(text);
    match &decoded {
        Ok(bytes) => assert_eq!(z85_encode(bytes).unwrap(), text),
        Err(error) => explains(text, error),
    }
    if !text.contains('\0') && !text.is_empty() {
        assert_eq!(decoded.clone().ok(), libzmq_decode(text));
    }
    assert_eq!(
        CurveKeyPair::decode_key(text).ok().map(Vec::from),
        decoded.ok().filter(|key| key.len() == 32)
    );
});

/// What the error says is so, and it is the first thing to say.
fn explains(text: &str, error: &DecodeError) {
    let is_z85 = |text: &str| {
        text.bytes()
            .all(|c| c.is_ascii_graphic() && !b"\"',;\\_`|~".contains(&c))
    };
    match *error {
        DecodeError::BadLength => assert_ne!(text.len() % 5, 0),
        DecodeError::NulError(ref error) => {
            assert_eq!(text.find('\0'), Some(error.nul_position()));
        }
        DecodeError::BadCharacter {
            character,
            position,
        } => {
            assert!(is_z85(&text[..position]));
            assert!(text[position..].starts_with(character));
            assert!(!is_z85(&text[position..][..character.len_utf8()]));
        }
        DecodeError::BadGroup { position } => {
            let (good, bad) = text.split_at(position);
            z85_decode(good).unwrap();
            assert!(is_z85(bad) && z85_decode(&bad[..5]).is_err());
        }
        ref other => panic!("{other}"),
    }
}

fn libzmq_encode(bytes: &[u8]) -> String {
    let mut text = vec![0_u8; bytes.len() / 4 * 5 + 1];
    // SAFETY: libzmq reads the bytes, and writes 5 for every 4 and a NUL.
    let end =
        unsafe { zmq_sys::zmq_z85_encode(text.as_mut_ptr().cast(), bytes.as_ptr(), bytes.len()) };
    assert!(!end.is_null());
    assert_eq!(text.pop(), Some(0));
    String::from_utf8(text).unwrap()
}

fn libzmq_decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = vec![0; text.len() / 5 * 4 + 4];
    let c_text = CString::new(text).unwrap();
    // SAFETY: libzmq reads up to the NUL, and writes 4 bytes for every 5.
    let end =
        unsafe { zmq_sys::zmq_z85_decode(bytes.as_mut_ptr(), c_text.as_ptr().cast::<c_char>()) };
    bytes.truncate(text.len() / 5 * 4);
    (!end.is_null()).then_some(bytes)
}
