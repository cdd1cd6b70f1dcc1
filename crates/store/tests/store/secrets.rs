//! Secrets at rest and the key file.

use hearth_store::{Key, Secrets, secrets::SecretError};

use super::support::on_every_database;

#[tokio::test]
async fn secrets_are_kept_replaced_and_forgotten_and_never_stand_in_the_table() {
    on_every_database(|bench| async move {
        let key = Key::load_or_create(&bench.database.dir().join("secret.key"), &bench.ids).unwrap();
        let secrets = Secrets::new(key, bench.ids.clone());
        assert_eq!(secrets.get(bench.db.read(), "smtp").await.unwrap(), None);
        for secret in ["hunter2", "秘密 with spaces", ""] {
            let tx = bench.begin().await;
            secrets.put(&tx, "smtp", secret).await.unwrap();
            tx.commit().await.unwrap();
            assert_eq!(secrets.get(bench.db.read(), "smtp").await.unwrap().as_deref(), Some(secret));
            assert_eq!(bench.number("SELECT COUNT(*) FROM secrets WHERE ciphertext LIKE '%hunter%'").await, 0);
        }
        assert_eq!(bench.number("SELECT COUNT(*) FROM secrets").await, 1);

        // The key opens a secret only under the name that it was stored with.
        bench.run("UPDATE secrets SET name = 'other'", vec![]).await;
        assert!(matches!(secrets.get(bench.db.read(), "other").await, Err(SecretError::WrongKey)));
        bench.run("UPDATE secrets SET name = 'smtp'", vec![]).await;

        let tx = bench.begin().await;
        secrets.delete(&tx, "smtp").await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(secrets.get(bench.db.read(), "smtp").await.unwrap(), None);
    })
    .await;
}

#[cfg(unix)]
#[tokio::test]
async fn key_and_database_are_closed_to_others_and_several_who_start_at_once_get_one_key() {
    use std::os::unix::fs::PermissionsExt;

    on_every_database(|bench| async move {
        let file = bench.database.dir().join("shared.key");
        let derived: Vec<[u8; 32]> = std::thread::scope(|scope| {
            let open = || Key::load_or_create(&file, &bench.ids).unwrap().derive("test");
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(derived.windows(2).all(|pair| pair[0] == pair[1]));
        let files: Vec<_> = std::fs::read_dir(bench.database.dir()).unwrap().map(|entry| entry.unwrap()).collect();
        for file in &files {
            let name = file.file_name().into_string().unwrap();
            assert!(name == "shared.key" || name.starts_with("hearth.db"), "{name} was left");
            assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{name}");
        }
    })
    .await;
}

#[tokio::test]
async fn another_key_opens_nothing() {
    on_every_database(|bench| async move {
        let own = Key::load_or_create(&bench.database.dir().join("own.key"), &bench.ids).unwrap();
        let foreign = Key::load_or_create(&bench.database.dir().join("foreign.key"), &bench.ids).unwrap();
        let tx = bench.begin().await;
        Secrets::new(own, bench.ids.clone()).put(&tx, "smtp", "hunter2").await.unwrap();
        tx.commit().await.unwrap();
        let refused = Secrets::new(foreign, bench.ids.clone()).get(bench.db.read(), "smtp").await;
        assert!(matches!(refused, Err(SecretError::WrongKey)));
    })
    .await;
}

#[cfg(unix)]
#[tokio::test]
async fn the_key_file_belongs_to_its_owner_alone_and_is_refused_when_others_may_read_it() {
    use std::os::unix::fs::PermissionsExt;

    on_every_database(|bench| async move {
        let file = bench.database.dir().join("secret.key");
        let key = Key::load_or_create(&file, &bench.ids).unwrap();
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        let again = Key::load_or_create(&file, &bench.ids).unwrap();
        assert_eq!(again.derive("purpose"), key.derive("purpose"), "the same file is the same key");
        assert_ne!(key.derive("purpose"), key.derive("another purpose"));
        assert_eq!(format!("{key:?}"), "Key(…)", "a key is never written out");

        for mode in [0o640, 0o604, 0o644] {
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
            assert!(matches!(Key::load_or_create(&file, &bench.ids), Err(SecretError::KeyFile(..))), "{mode:o}");
        }
        std::fs::write(&file, "c2hvcnQ=").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert!(matches!(Key::load_or_create(&file, &bench.ids), Err(SecretError::KeyFile(..))), "too short");
    })
    .await;
}
