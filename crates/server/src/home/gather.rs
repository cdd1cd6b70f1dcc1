//! Asks each feature for its part of the home page.

use std::time::Duration;

use base::{Time, ids::WorkspaceId};
use jiff::{ToSpan, tz::TimeZone};
use store::{DbErr, dead_letters};

use super::body::{DayBody, HomeBody, Need, NightLine};
use crate::accounts::{AccountError, Accounts, workspace};

/// The hours at which a night begins and ends, where the workspace is.
const EVENING: i8 = 20;
const MORNING: i8 = 8;
/// Refused records that are counted; whoever has more knows enough.
const MOST_LETTERS: i64 = 10_000;

/// All of the home page.
pub(super) async fn home(accounts: &Accounts, id: WorkspaceId) -> Result<HomeBody, AccountError> {
    let db = accounts.db.read();
    let now = accounts.clock.now();
    let workspace = workspace::find(accounts, db, id).await?;
    let zone = TimeZone::get(&workspace.time_zone).unwrap_or(TimeZone::UTC);
    let hours = Hours::at(now, &zone);

    let (today, before) = (
        day(accounts, id, hours.today, now).await?,
        day(accounts, id, hours.yesterday, hours.this_time_yesterday).await?,
    );
    let funnel = people::home::funnel(db, id, hours.yesterday, hours.today, now).await?;
    Ok(HomeBody {
        at: now,
        time_zone: workspace.time_zone,
        members: Some(funnel.iter().map(|stage| stage.members).sum()),
        funnel: Some(funnel),
        today,
        before,
        groups: Some(people::home::groups_in_need(db, id, now).await?),
        journeys: Some(outreach::home::journeys_today(db, id, hours.today).await?),
        night_from: hours.evening,
        night_until: hours.morning,
        night: night(accounts, id, hours.evening, hours.morning).await?,
        needs: needs(accounts, id, now).await?,
    })
}

/// The moments that matter, where the workspace is.
struct Hours {
    today: Time,
    yesterday: Time,
    this_time_yesterday: Time,
    evening: Time,
    morning: Time,
}

impl Hours {
    fn at(now: Time, zone: &TimeZone) -> Hours {
        let today = now.start_of_day(zone);
        // Whatever the clocks did, twelve hours before this day began it was yesterday.
        let yesterday = today.minus(Duration::from_secs(12 * 3_600)).start_of_day(zone);
        let here = now.timestamp().to_zoned(zone.clone());
        let a_day_ago = here.checked_sub(1.day()).map_or(yesterday, |then| moment(&then));
        let hour_of = |day: Time, hour: i8| {
            let clock = day.timestamp().to_zoned(zone.clone()).with().hour(hour).build();
            clock.map_or(day, |clock| moment(&clock))
        };
        Hours {
            today,
            yesterday,
            this_time_yesterday: a_day_ago.min(today).max(yesterday),
            evening: hour_of(yesterday, EVENING),
            morning: hour_of(today, MORNING).min(now),
        }
    }
}

fn moment(zoned: &jiff::Zoned) -> Time {
    Time::from_millis(zoned.timestamp().as_millisecond())
}

async fn day(accounts: &Accounts, workspace: WorkspaceId, from: Time, until: Time) -> Result<DayBody, DbErr> {
    let db = accounts.db.read();
    let people = people::home::people_of_day(db, workspace, from, until).await?;
    Ok(DayBody {
        from,
        until,
        new_members: Some(people.new_members),
        active: Some(people.active),
        messages_sent: Some(outreach::home::messages_sent(db, workspace, from, until).await?),
        orders: Some(people.orders),
        sales: people.sales,
    })
}

async fn night(accounts: &Accounts, workspace: WorkspaceId, from: Time, until: Time) -> Result<Vec<NightLine>, DbErr> {
    let db = accounts.db.read();
    let people = people::home::done_alone(db, workspace, from, until).await?;
    let outreach = outreach::home::done_alone(db, workspace, from, until).await?;
    let refused = NightLine {
        reasons: Some(outreach.refused.clone()),
        ..NightLine::of("refused", outreach.refused.values().sum())
    };
    let mut lines = vec![
        NightLine::of("deliveries", outreach.sent),
        NightLine::of("tasks_opened", outreach.tasks_opened),
        NightLine::of("segment_entries", people.segment_entries),
        NightLine::of("tags_by_rule", people.tags_by_rule),
        NightLine::of("merges", people.merges),
        refused,
    ];
    lines.retain(|line| line.count > 0);
    Ok(lines)
}

async fn needs(accounts: &Accounts, workspace: WorkspaceId, now: Time) -> Result<Vec<Need>, DbErr> {
    let db = accounts.db.read();
    let channels = outreach::home::channels_in_need(db, workspace).await?;
    let mut needs: Vec<Need> = channels
        .into_iter()
        .map(|channel| Need {
            kind: "channel".to_owned(),
            id: Some(channel.id.to_string()),
            name: Some(channel.name),
            count: None,
            overdue: None,
            said: Some(channel.problem),
        })
        .collect();
    let tasks = outreach::home::tasks_waiting(db, workspace, now).await?;
    if tasks.open > 0 {
        needs.push(Need { overdue: Some(tasks.overdue), ..Need::of("tasks", tasks.open) });
    }
    let letters = dead_letters::count_waiting(db, workspace, MOST_LETTERS).await?;
    let suggestions = people::home::suggestions_waiting(db, workspace).await?;
    for (kind, count) in [("dead_letters", letters), ("suggestions", suggestions)] {
        if count > 0 {
            needs.push(Need::of(kind, count));
        }
    }
    Ok(needs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_and_a_night_are_those_of_the_workspace() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let time = |text: &str| text.parse::<Time>().unwrap();
        let hours = Hours::at(time("2026-03-02T01:30:00Z"), &zone);
        assert_eq!(hours.today, time("2026-03-01T16:00:00Z"));
        assert_eq!(hours.yesterday, time("2026-02-28T16:00:00Z"));
        assert_eq!(hours.this_time_yesterday, time("2026-03-01T01:30:00Z"));
        assert_eq!(hours.evening, time("2026-03-01T12:00:00Z"));
        assert_eq!(hours.morning, time("2026-03-02T00:00:00Z"));
        let early = Hours::at(time("2026-03-01T20:00:00Z"), &zone);
        assert_eq!(early.morning, time("2026-03-01T20:00:00Z"), "the night is not over");
    }

    #[test]
    fn a_day_of_another_length_is_compared_until_the_same_hour() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let hours = Hours::at("2026-03-29T12:00:00Z".parse().unwrap(), &zone);
        assert_eq!(hours.this_time_yesterday, "2026-03-28T13:00:00Z".parse().unwrap());
        assert_eq!(hours.yesterday, "2026-03-27T23:00:00Z".parse().unwrap());
    }
}
