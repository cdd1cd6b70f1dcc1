//! What the home page is told.

use std::collections::BTreeMap;

use api::{Area, Caller, Verb};
use base::Time;
use outreach::home::JourneyToday;
use people::home::{FunnelStage, GroupInNeed, Sales};
use serde::Serialize;
use utoipa::ToSchema;

/// A day of the workspace.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct HomeBody {
    /// When this was found.
    #[schema(value_type = String, format = DateTime)]
    pub at: Time,
    /// The IANA time zone in which the day began.
    #[schema(example = "Asia/Shanghai")]
    pub time_zone: String,
    /// The day so far.
    pub today: DayBody,
    /// Yesterday, until the same time.
    pub before: DayBody,
    /// How many members there are.
    pub members: Option<i64>,
    /// The ladder from strangers to fans, with the movement of today and of yesterday.
    pub funnel: Option<Vec<FunnelStage>>,
    /// Groups that need care most, at most six.
    pub groups: Option<Vec<GroupInNeed>>,
    /// Journeys that run, those with most members under way first, at most twelve.
    pub journeys: Option<Vec<JourneyToday>>,
    /// When the last night began: yesterday at eight in the evening.
    #[schema(value_type = String, format = DateTime)]
    pub night_from: Time,
    /// When it ended: at eight in the morning, or now.
    #[schema(value_type = String, format = DateTime)]
    pub night_until: Time,
    /// What was done in that night without anybody; what did not happen is left out.
    pub night: Vec<NightLine>,
    /// What waits for somebody, the most urgent first.
    pub needs: Vec<Need>,
}

/// A day, or a part of one, in numbers. What the caller may not see is `null`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct DayBody {
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub from: Time,
    /// Until when it is counted.
    #[schema(value_type = String, format = DateTime)]
    pub until: Time,
    /// Members who were first seen.
    pub new_members: Option<i64>,
    /// Members who did something.
    pub active: Option<i64>,
    /// Messages that were handed over.
    pub messages_sent: Option<i64>,
    /// Orders.
    pub orders: Option<i64>,
    /// What they brought; `null` where no order says so.
    pub sales: Option<Sales>,
}

/// Something that was done without anybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct NightLine {
    /// `deliveries` (messages handed over), `refused` (messages that were not to be sent), `tasks_opened`,
    /// `tags_by_rule`, `segment_entries`, `merges`.
    pub kind: String,
    /// How often.
    pub count: i64,
    /// By reason, where there are reasons.
    pub reasons: Option<BTreeMap<String, i64>>,
}

/// Something that waits for somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct Need {
    /// `channel` (one that cannot send), `dead_letters` (records that were refused), `tasks`, `suggestions` (members who
    /// may be one).
    pub kind: String,
    /// What it is about, where it is one thing.
    pub id: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// How many there are.
    pub count: Option<i64>,
    /// Of these, how many should be done by now.
    pub overdue: Option<i64>,
    /// What the other side said.
    pub said: Option<String>,
}

impl NightLine {
    pub(super) fn of(kind: &str, count: i64) -> NightLine {
        NightLine { kind: kind.to_owned(), count, reasons: None }
    }

    fn area(&self) -> Area {
        match self.kind.as_str() {
            "tags_by_rule" | "segment_entries" | "merges" => Area::People,
            _ => Area::Outreach,
        }
    }
}

impl Need {
    pub(super) fn of(kind: &str, count: i64) -> Need {
        Need { kind: kind.to_owned(), id: None, name: None, count: Some(count), overdue: None, said: None }
    }

    fn area(&self) -> Area {
        match self.kind.as_str() {
            "suggestions" => Area::People,
            "dead_letters" => Area::Ingest,
            // What a server said to us may name addresses and accounts.
            "channel" => Area::Settings,
            _ => Area::Outreach,
        }
    }
}

impl HomeBody {
    /// The parts that a caller may see.
    pub(super) fn as_seen_by(&self, caller: &Caller) -> HomeBody {
        let may_see = |area: Area| caller.require(area, Verb::Read).is_ok();
        let mut seen = self.clone();
        if !may_see(Area::People) {
            for day in [&mut seen.today, &mut seen.before] {
                (day.new_members, day.active, day.orders, day.sales) = (None, None, None, None);
            }
            (seen.members, seen.groups) = (None, None);
        }
        if !may_see(Area::People) || !may_see(Area::Segments) {
            seen.funnel = None;
        }
        if !may_see(Area::Outreach) {
            (seen.today.messages_sent, seen.before.messages_sent) = (None, None);
            seen.journeys = None;
        }
        seen.night.retain(|line| may_see(line.area()));
        for need in &mut seen.needs {
            // That a channel is broken concerns whoever sends by it; what was said does not.
            if need.kind == "channel" && !may_see(Area::Settings) && may_see(Area::Outreach) {
                need.said = None;
            }
        }
        seen.needs.retain(|need| may_see(need.area()) || (need.kind == "channel" && may_see(Area::Outreach)));
        seen
    }
}
