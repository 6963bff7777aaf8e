//! What was answered survives `kill -9`: a child commits and says so, is killed, and is held to its word.
//! It deliberately kills at no chosen moment: after so many answers as fall out of a counter.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use store::{ChainVerdict, ChangeFilter, Order, Store};

use crate::{backend, sample};

const KILLS: usize = 10;
const USERS: u32 = 40;

/// Set for the child only; without it the child's test has nothing to do.
const CHILD_DATABASE: &str = "STORE_CRASH_DATABASE";

/// Not a test of its own: what the child does until it is killed.
#[test]
fn child_that_commits_until_it_is_killed() {
    let Some(path) = env::var_os(CHILD_DATABASE).map(PathBuf::from) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    runtime.block_on(async {
        let store = Store::open(&path).unwrap();
        let tasks: Vec<_> = (1..=USERS)
            .map(|number| tokio::spawn(commit_for_ever(store.clone(), number)))
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
}

async fn commit_for_ever(store: Store, number: u32) {
    let account = sample::account_id(1);
    let newest = store.history(account, sample::id(number), None, 1).await.unwrap();
    let mut row = sample::user_row(number, 1);
    row.version = newest[0].version;
    loop {
        row = sample::next_of(&row);
        let committed = store.commit(vec![sample::update(row.clone())]).await.unwrap();
        let line = format!("answered {} {} {}\n", committed[0].sequence, number, row.version);
        std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
    }
}

#[tokio::test]
async fn every_answered_commit_survives_being_killed() {
    let directory = tempfile::tempdir().unwrap();
    let path = backend::database(&directory);
    let store = Store::open(&path).unwrap();
    store.commit(vec![sample::account(1)]).await.unwrap();
    store.commit((1..=USERS).map(|number| sample::user(number, 1)).collect()).await.unwrap();
    store.close().await;
    for round in 0..KILLS {
        let answered = answered_before_the_kill(&path, 20 + round * 97);
        assert!(!answered.is_empty());
        let store = backend::reopen(&path).unwrap();
        for (sequence, number, version) in answered {
            let filter = ChangeFilter {
                after_sequence: Some(sequence - 1),
                order: Order::OldestFirst,
                limit: 1,
                ..ChangeFilter::default()
            };
            let found = store.changes(sample::account_id(1), filter).await.unwrap();
            let kept = (found[0].sequence, found[0].subject, found[0].version);
            assert_eq!(kept, (sequence, sample::id(number), version), "round {round}");
        }
        let verdict = store.verify(None, |_| {}).await.unwrap();
        assert!(matches!(verdict, ChainVerdict::Intact { .. }), "round {round}: {verdict:?}");
        assert_eq!(store.check().await.unwrap(), Vec::<String>::new());
        store.close().await;
    }
}

/// Lets a child commit until it has answered so often, kills it, and returns all it had answered.
fn answered_before_the_kill(path: &Path, answers: usize) -> Vec<(u64, u32, u32)> {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "crash::child_that_commits_until_it_is_killed", "--nocapture"])
        .env(CHILD_DATABASE, path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut answered = Vec::new();
    while answered.len() < answers {
        let line = lines.next().expect("the child ended by itself").unwrap();
        answered.extend(parsed(&line));
    }
    kill(&mut child);
    // What it said before it died counts too; a line cut short does not.
    answered.extend(lines.map_while(Result::ok).filter_map(|line| parsed(&line)));
    answered
}

/// On Unix this is SIGKILL.
fn kill(child: &mut Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

fn parsed(line: &str) -> Option<(u64, u32, u32)> {
    let (_, numbers) = line.split_once("answered ")?;
    let mut numbers = numbers.split(' ').map(str::parse::<u64>);
    let (sequence, user, version) = (numbers.next()?, numbers.next()?, numbers.next()?);
    Some((sequence.ok()?, user.ok()?.try_into().ok()?, version.ok()?.try_into().ok()?))
}
