use ring::signature::{self, UnparsedPublicKey};

use super::*;

const RSA_PKCS8: &str = include_str!("../../../tests/dkim/rsa_pkcs8.pem");
const RSA_PKCS1: &str = include_str!("../../../tests/dkim/rsa_pkcs1.pem");
const RSA_PUBLIC: &str = include_str!("../../../tests/dkim/rsa_public.pem");
const ED25519: &str = include_str!("../../../tests/dkim/ed25519.pem");
const SHORT: &str = include_str!("../../../tests/dkim/short.pem");
const EC: &str = include_str!("../../../tests/dkim/ec.pem");

const MESSAGE: &str = "Date: Fri, 21 Nov 2025 08:00:00 +0000\r\nFrom: =?utf-8?b?5Zu054KJ?= <wine@example.com>\r\n\
    To: lilei@example.org\r\nSubject: two\r\n  words \r\nMessage-ID: <a@example.com>\r\nMIME-Version: 1.0\r\n\
    Content-Type: text/plain\r\nList-Unsubscribe: <https://hearth.example/u/a>\r\n\
    List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\r\nHi  there \r\n\r\nBye\r\n\r\n\r\n";

fn key(domain: &str, selector: &str, private_key: &str) -> KeyConfig {
    KeyConfig { domain: domain.into(), selector: selector.into(), private_key: private_key.into(), enabled: true }
}

fn signed(keys: &[KeyConfig]) -> String {
    let signers = Signers::of(keys, "example.com").unwrap();
    String::from_utf8(signers.sign(MESSAGE.into(), Time::from_millis(1_763_712_000_000)).unwrap()).unwrap()
}

/// The tags of a signature, without blanks.
fn tag(header: &str, name: &str) -> String {
    let bare: String = header.chars().filter(|c| !c.is_whitespace()).collect();
    let value = bare.split_once(':').unwrap().1;
    value.split(';').find_map(|tag| tag.strip_prefix(&format!("{name}="))).unwrap().to_owned()
}

/// What a verifier hashes, made from the signed message in the plainest way.
fn verifiers_input(message: &str) -> (String, String) {
    let (head, _) = message.split_once("\r\n\r\n").unwrap();
    let head = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    let canonical = |line: &str| {
        let (name, value) = line.split_once(':').unwrap();
        format!("{}:{}", name.to_lowercase(), value.split_whitespace().collect::<Vec<_>>().join(" "))
    };
    let lines: Vec<String> = head.lines().map(canonical).collect();
    let signature = lines[0].clone();
    let mut used = vec![false; lines.len()];
    let mut input = String::new();
    for name in tag(&signature, "h").split(':') {
        let found = (0..lines.len()).rev().find(|at| !used[*at] && lines[*at].starts_with(&format!("{name}:")));
        if let Some(at) = found {
            used[at] = true;
            input += &format!("{}\r\n", lines[at]);
        }
    }
    let start = signature.rfind(" b=").unwrap();
    (input + &signature[..start + 3], tag(&signature, "b"))
}

#[test]
fn the_body_of_the_example_of_rfc_8463_has_its_hash() {
    let body = "Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n";
    let hash = BASE64_STANDARD.encode(Sha256::digest(body_relaxed(body.as_bytes())));
    assert_eq!(hash, "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=");
    assert_eq!(body_relaxed(b" C \r\nD \t E\r\n\r\n\r\n"), b" C\r\nD E\r\n", "RFC 6376, section 3.4.5");
    assert_eq!(body_relaxed(b"\r\n\r\n"), b"");
    assert_eq!(body_relaxed(b"no end"), b"no end\r\n");
}

#[test]
fn signatures_of_both_algorithms_verify() {
    let Key::Rsa(pair) = read_key(RSA_PKCS8).unwrap() else { panic!("not RSA") };
    let rsa = UnparsedPublicKey::new(&signature::RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref().to_vec());
    for pem in [RSA_PKCS8, RSA_PKCS1] {
        let (input, signature) = verifiers_input(&signed(&[key("example.com", "s1", pem)]));
        rsa.verify(input.as_bytes(), &BASE64_STANDARD.decode(signature).unwrap()).unwrap();
    }
    let Key::Ed25519(pair) = read_key(ED25519).unwrap() else { panic!("not Ed25519") };
    let ed25519 = UnparsedPublicKey::new(&signature::ED25519, pair.public_key().as_ref().to_vec());
    let (input, signature) = verifiers_input(&signed(&[key("example.com", "s2", ED25519)]));
    ed25519.verify(&Sha256::digest(input.as_bytes()), &BASE64_STANDARD.decode(signature).unwrap()).unwrap();
}

#[test]
fn the_message_that_dkimpy_verified_is_signed_the_same_way() {
    let keys = [key("example.com", "rsa", RSA_PKCS8), key("example.com", "ed25519", ED25519)];
    assert_eq!(signed(&keys), include_str!("../../../../../testdata/mail/signed.eml"));
}

#[test]
fn what_rfc_8058_demands_is_covered_and_from_and_subject_cannot_be_added() {
    let message = signed(&[key("example.com", "s1", ED25519)]);
    let (header, _) = message.split_once("\r\nDate:").unwrap();
    let names = tag(header, "h");
    let names: Vec<&str> = names.split(':').collect();
    for name in ["from", "to", "subject", "date", "message-id", "mime-version", "content-type"] {
        assert!(names.contains(&name), "{name}");
    }
    assert!(names.contains(&"list-unsubscribe") && names.contains(&"list-unsubscribe-post"));
    for name in ["from", "subject"] {
        assert_eq!(names.iter().filter(|other| **other == name).count(), 2, "{name}");
    }
    assert_eq!(
        (tag(header, "d"), tag(header, "s"), tag(header, "c")),
        ("example.com".into(), "s1".into(), "relaxed/relaxed".into())
    );
    assert!(message.lines().all(|line| line.len() < 200) && message.ends_with(MESSAGE));
}

#[test]
fn the_keys_of_the_nearest_domain_sign_and_others_do_not() {
    let mut unpublished = key("example.com", "s9", ED25519);
    unpublished.enabled = false;
    let keys = [
        key("example.com", "s1", RSA_PKCS8),
        key("example.com", "s2", ED25519),
        key("other.example", "s3", ED25519),
        unpublished,
    ];
    assert_eq!(signed(&keys).matches("DKIM-Signature:").count(), 2);
    let signers = |domain| Signers::of(&keys, domain).unwrap().0.len();
    assert_eq!((signers("News.Example.com"), signers("notexample.com"), signers("other.example")), (2, 0, 1));
}

#[test]
fn a_key_that_cannot_sign_is_refused_with_its_place_and_a_reason() {
    for (pem, told) in [
        ("hello", "PEM form"),
        (SHORT, "2048"),
        (EC, "another kind"),
        (RSA_PUBLIC, "PEM form"),
        (&RSA_PKCS8[..400], "PEM form"),
    ] {
        let problem = check(&[key("example.com", "s1", ED25519), key("example.com", "s2", pem)]).unwrap_err();
        assert_eq!(problem.errors[0].path, "dkim[1].private_key");
        assert!(problem.errors[0].message.contains(told), "{told}: {}", problem.errors[0].message);
    }
    let path = |domain, selector| check(&[key(domain, selector, ED25519)]).unwrap_err().errors[0].path.clone();
    assert_eq!(path("exa mple", "s1"), "dkim[0].domain");
    assert_eq!(path("example.com", "s 1"), "dkim[0].selector");
    assert_eq!(
        check(&[key("a.example", "s", ED25519), key("a.example", "s", ED25519)]).unwrap_err().errors[0].path,
        "dkim[1].selector"
    );
}

#[test]
fn the_record_holds_the_public_key_as_verifiers_expect_it() {
    let public: String = RSA_PUBLIC.lines().filter(|line| !line.starts_with("-----")).collect();
    assert_eq!(read_key(RSA_PKCS1).unwrap().record(), format!("v=DKIM1; k=rsa; p={public}"));
    let fill = |bytes: &mut [u8]| bytes.fill(7);
    let made = generate(Algorithm::Ed25519, "Example.com", "S1", &fill).unwrap();
    assert_eq!(made.record_name, "s1._domainkey.example.com");
    assert_eq!(read_key(&made.private_key).unwrap().record(), made.record);
    assert!(generate(Algorithm::Ed25519, "nowhere", "s1", &fill).err().unwrap().starts_with("domain"));
}

#[test]
fn a_new_rsa_key_signs() {
    let random = std::sync::Mutex::new(0x1234_5678_9abc_def0_u64);
    let fill = |bytes: &mut [u8]| {
        let mut state = random.lock().unwrap();
        for byte in bytes {
            *state ^= *state << 13;
            *state ^= *state >> 7;
            *state ^= *state << 17;
            *byte = *state as u8;
        }
    };
    let made = generate(Algorithm::Rsa, "example.com", "s1", &fill).unwrap();
    assert!(signed(&[key("example.com", "s1", &made.private_key)]).starts_with("DKIM-Signature: v=1; a=rsa-sha256"));
}
