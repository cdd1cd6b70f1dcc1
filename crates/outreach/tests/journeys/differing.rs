//! Whether the interpreter tells the same lives as the database; and if not, where the first differs, to be read by
//! people.

use std::collections::BTreeMap;

use super::{
    interpreter::{Lots, Ordered, Person, Run, World, families, live},
    support::{DAY, HOUR, MINUTE, START},
};

/// The runs as they were found, if they are as they should be.
pub fn difference(
    world: &World,
    people: &[Person],
    lots: &Lots,
    end: i64,
    found: Vec<Run>,
) -> Result<Vec<Run>, String> {
    let mut by_person: BTreeMap<String, Vec<Run>> = BTreeMap::new();
    for mut run in found {
        run.sent.sort();
        by_person.entry(run.person.clone()).or_default().push(run);
    }
    let mut all = Vec::new();
    for family in families(people) {
        let names = family.iter().map(|person| person.name.clone());
        let mut found: Vec<Run> = names.flat_map(|name| by_person.remove(&name).unwrap_or_default()).collect();
        found.sort();
        let mut expected = live(world, &family, lots, end);
        expected.iter_mut().for_each(|run| run.sent.sort());
        expected.sort();
        if found != expected {
            return Err(told(world, &family, &found, &expected));
        }
        all.extend(found);
    }
    match by_person.into_keys().next() {
        Some(nobody) => Err(format!("runs of {nobody}, of whom nobody knows")),
        None => Ok(all),
    }
}

/// The runs that differ, from both sides line by line, after what had happened until then.
fn told(world: &World, family: &[&Person], found: &[Run], expected: &[Run]) -> String {
    let place = found.iter().zip(expected).take_while(|(found, expected)| found == expected).count();
    let sides = [found, expected].map(|runs| runs.get(place).map(lines).unwrap_or_default());
    let until = first_moment(&sides);
    let mut text = vec![format!("not as interpreted, first {}", shown(until))];
    for person in family {
        text.push(format!("{} ({}):", person.name, person.number));
        let before = person.happenings.iter().filter(|happening| happening.received <= until);
        text.extend(before.map(|happening| match happening.happened == happening.received {
            true => format!("  {} {:?}", shown(happening.received), happening.what),
            false => format!(
                "  {} {:?}, which happened {}",
                shown(happening.received),
                happening.what,
                shown(happening.happened)
            ),
        }));
    }
    text.push("operators:".to_owned());
    let before = world.orders.iter().filter(|order| order.at <= until);
    text.extend(before.map(|order| match &order.what {
        Ordered::Publish { journey, document, running } => {
            format!("  {} journey {journey}, {running:?}: {document}", shown(order.at))
        }
        other => format!("  {} {other:?}", shown(order.at)),
    }));
    for (word, runs) in [("found", found), ("expected", expected)] {
        text.push(format!("{word}, {} runs, of which {place} are alike; then:", runs.len()));
        text.extend(runs.get(place).map_or(vec!["  none".to_owned()], |run| {
            let other = if word == "found" { &sides[1] } else { &sides[0] };
            let is_other = |line: &(i64, String)| !other.contains(line);
            lines(run)
                .iter()
                .map(|line| format!("{} {} {}", if is_other(line) { "≠" } else { " " }, shown(line.0), line.1))
                .collect()
        }));
    }
    let first = [found, expected].iter().find_map(|runs| runs.get(place));
    if let Some(run) = first {
        text.push(format!("journey {} as first published: {}", run.journey, world.journeys[run.journey].document));
    }
    text.join("\n")
}

fn head(run: &Run) -> String {
    let Run { person, of, journey, version, key, .. } = run;
    format!("{person} (now {of}) in journey {journey}, now of version {version}, key \"{key}\"")
}

/// All that is told of a run, with its moments.
fn lines(run: &Run) -> Vec<(i64, String)> {
    let mut lines = vec![(run.entered, head(run))];
    let line = |line: &super::interpreter::Line| format!("{} {} {}", line.step, line.action, line.note);
    lines.extend(run.lines.iter().map(|told| (told.at, line(told))));
    lines.extend(run.sent.iter().map(|(at, step)| (*at, format!("{step} is in the ledger"))));
    lines.extend(run.goal.map(|at| (at, "goal".to_owned())));
    lines.push((run.ended.unwrap_or(i64::MAX), run.state.clone()));
    lines.sort_by_key(|(at, _)| *at);
    lines
}

/// The first moment of which one side tells something else than the other.
fn first_moment(sides: &[Vec<(i64, String)>; 2]) -> i64 {
    let only = |one: &[(i64, String)], other: &[(i64, String)]| {
        one.iter().filter(|line| !other.contains(line)).map(|(at, _)| *at).min()
    };
    let moments = [only(&sides[0], &sides[1]), only(&sides[1], &sides[0])];
    moments.into_iter().flatten().min().unwrap_or(i64::MAX)
}

/// A moment as a day since the start, from 0 on, and a time of the day in UTC.
fn shown(moment: i64) -> String {
    if moment == i64::MAX {
        return "in the end".to_owned();
    }
    let midnight = START - START.rem_euclid(DAY);
    let (day, rest) = ((moment - midnight).div_euclid(DAY), (moment - midnight).rem_euclid(DAY));
    format!("day {day} {:02}:{:02}:{:06.3}", rest / HOUR, rest % HOUR / MINUTE, (rest % MINUTE) as f64 / 1_000.0)
}
