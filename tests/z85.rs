//! Bytes as text: against libzmq, the specification and what is no Z85.

mod common;

use std::ffi::{CStr, CString};

use common::noise;
use zmq::{z85_decode, z85_encode, DecodeError, EncodeError};

fn libzmq_encodes(data: &[u8]) -> String {
    let mut text = vec![0u8; data.len() / 4 * 5 + 1];
    // SAFETY: the text has room for what the data becomes, and a NUL.
    unsafe { zmq_sys::zmq_z85_encode(text.as_mut_ptr().cast(), data.as_ptr(), data.len()) };
    let text = CStr::from_bytes_with_nul(&text).unwrap();
    text.to_str().unwrap().to_owned()
}

fn libzmq_decodes(text: &str) -> Option<Vec<u8>> {
    let mut data = vec![0; text.len() / 5 * 4];
    let text = CString::new(text).unwrap();
    // SAFETY: the text ends in a NUL, and the data has room for what it becomes.
    let done = unsafe { zmq_sys::zmq_z85_decode(data.as_mut_ptr(), text.as_ptr()) };
    (!done.is_null()).then_some(data)
}

#[test]
fn the_test_case_of_the_specification() {
    let data = [0x86, 0x4f, 0xd2, 0x6f, 0xb5, 0x59, 0xf7, 0x5b];
    assert_eq!(z85_encode(&data).unwrap(), "HelloWorld");
    assert_eq!(z85_decode("HelloWorld").unwrap(), data);
    assert_eq!(z85_encode(&[]).unwrap(), "");
    assert_eq!(z85_decode("").unwrap(), []);
}

#[test]
fn libzmq_writes_and_reads_the_same() {
    for seed in 1..300 {
        let data: Vec<u8> = noise(seed).take(seed as usize * 4).collect();
        let text = z85_encode(&data).unwrap();
        assert_eq!(text, libzmq_encodes(&data));
        assert_eq!(libzmq_decodes(&text).unwrap(), data);
        assert_eq!(z85_decode(&text).unwrap(), data);
    }
    for edge in [[0; 4], [0xff; 4], [0x80, 0, 0, 0], [0, 0, 0, 1]] {
        assert_eq!(z85_encode(&edge).unwrap(), libzmq_encodes(&edge));
        assert_eq!(z85_decode(&z85_encode(&edge).unwrap()).unwrap(), edge);
    }
}

/// The keys of the test cases in libzmq's manual, zmq_curve(7).
#[test]
fn keys_survive_the_way_there_and_back() {
    for key in [
        "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7",
        "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs",
        "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID",
        "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6",
    ] {
        let data = z85_decode(key).unwrap();
        assert_eq!(data.len(), 32);
        assert_eq!(Some(&data), libzmq_decodes(key).as_ref());
        assert_eq!(z85_encode(&data).unwrap(), key);
    }
}

#[test]
fn each_character_is_one_of_z85_or_an_error() {
    for byte in 1..128u8 {
        let character = char::from(byte);
        let text = format!("0000{character}");
        match z85_decode(&text) {
            Ok(data) => assert_eq!(Some(data), libzmq_decodes(&text)),
            Err(error) => {
                assert_eq!(
                    error,
                    DecodeError::BadCharacter {
                        character,
                        position: 4
                    }
                );
                // Older ones let some pass.
                if zmq::version() >= (4, 3, 4) {
                    assert_eq!(libzmq_decodes(&text), None, "{character:?}");
                }
            }
        }
    }
}

#[test]
fn what_is_no_z85_is_said() {
    let bad = |character, position| DecodeError::BadCharacter {
        character,
        position,
    };
    for (text, error, words) in [
        ("/AB8", DecodeError::BadLength, "groups of 5 characters"),
        ("123456", DecodeError::BadLength, "groups of 5 characters"),
        ("Hello orld", bad(' ', 5), "no character ' ', found at 5"),
        ("Hello\"orld", bad('"', 5), "'\"', found at 5"),
        ("Hell\n", bad('\n', 4), "'\\n', found at 4"),
        // 10 bytes, and 11.
        ("Hellöorl", bad('ö', 4), "'ö', found at 4"),
        ("Hellöorld", bad('ö', 4), "'ö', found at 4"),
        ("0000🦀", bad('🦀', 4), "'🦀', found at 4"),
        // 2³²-1 is the most.
        (
            "HelloWorld%nSc1",
            DecodeError::BadGroup { position: 10 },
            "at 10 are more than",
        ),
        (
            "#####",
            DecodeError::BadGroup { position: 0 },
            "at 0 are more than",
        ),
    ] {
        let got = z85_decode(text).unwrap_err();
        assert_eq!(got, error, "{text:?}");
        assert!(got.to_string().contains(words), "{got}");
    }
    assert_eq!(z85_decode("%nSc0").unwrap(), [0xff; 4]);

    let error = z85_decode("/AB\x008").unwrap_err();
    assert!(matches!(&error, DecodeError::NulError(e) if e.nul_position() == 3));
    assert!(error.to_string().contains('3'), "{error}");

    for len in [1, 2, 3, 5, 7] {
        assert_eq!(z85_encode(&vec![0; len]), Err(EncodeError::BadLength));
    }
    assert!(EncodeError::BadLength.to_string().contains("4 bytes"));
}

/// As code for `zmq` 0.10 has it.
#[test]
fn errors_are_made_from_those_of_the_standard_library() {
    fn to_text(bytes: Vec<u8>) -> Result<String, EncodeError> {
        Ok(String::from_utf8(bytes)?)
    }
    fn to_c(text: &str) -> Result<CString, DecodeError> {
        Ok(CString::new(text)?)
    }
    let error = to_text(vec![0xff]).unwrap_err();
    assert!(matches!(error, EncodeError::FromUtf8Error(_)));
    assert!(error.to_string().contains("utf-8"), "{error}");
    assert!(matches!(to_c("\0"), Err(DecodeError::NulError(_))));
}
