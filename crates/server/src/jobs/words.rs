//! What jobs are called, and what they are about.

use api::ProblemWords;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a job is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct JobTarget {
    /// `import`, `segment`, `journey` or `member`.
    pub kind: String,
    /// Its id.
    pub id: String,
}

/// By the kind of job: its words in English and Chinese.
const KINDS: &[(&str, &str, &str)] = &[
    ("import", "Import a file", "导入文件"),
    ("import_preview", "Preview an import", "预览导入"),
    ("tag_members", "Tag members", "批量打标签"),
    ("change_members", "Change members", "批量更改成员"),
    ("enter_journey", "Let members into a journey", "让成员进入旅程"),
    ("journey_change", "Move members in a journey", "调整旅程中的成员"),
    ("simulate_journey", "Simulate a journey", "模拟旅程"),
    ("erase", "Erase members", "删除成员数据"),
    ("expire_events", "Remove old events", "清理过期事件"),
];

/// Where payloads name what they are about; all else in them, such as ten thousand members, is passed over.
#[derive(Default, Deserialize)]
struct Payload {
    import: Option<String>,
    journey: Option<String>,
    told: Option<Told>,
    segment: Option<String>,
    member: Option<String>,
}

#[derive(Default, Deserialize)]
struct Told {
    journey: Option<String>,
}

/// What a job of this kind is called.
pub(crate) fn title(kind: &str) -> ProblemWords {
    let known = KINDS.iter().find(|(known, ..)| *known == kind);
    let (en, zh) = known.map_or((kind, kind), |(_, en, zh)| (en, zh));
    ProblemWords { en: en.to_owned(), zh: zh.to_owned() }
}

/// What a job is about, by its payload.
pub(crate) fn target(payload: &str) -> Option<JobTarget> {
    let payload: Payload = serde_json::from_str(payload).ok()?;
    let journey = payload.journey.or(payload.told.unwrap_or_default().journey);
    let found =
        [("import", payload.import), ("journey", journey), ("segment", payload.segment), ("member", payload.member)];
    found.into_iter().find_map(|(kind, id)| Some(JobTarget { kind: kind.to_owned(), id: id? }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_says_what_it_is_about_whatever_else_it_carries() {
        let about = |payload: &str| target(payload).map(|target| (target.kind, target.id));
        let is = |kind: &str, id: &str| Some((kind.to_owned(), id.to_owned()));
        assert_eq!(about(r#"{"import": "imp_1", "kind": "members", "map": "{}"}"#), is("import", "imp_1"));
        assert_eq!(about(r#"{"segment": "seg_1", "told": {"journey": "jrn_1", "key": null}}"#), is("journey", "jrn_1"));
        assert_eq!(about(r#"{"add": ["vip"], "segment": "seg_1", "members": null}"#), is("segment", "seg_1"));
        assert_eq!(about(r#"{"import": null, "members": ["mem_1"]}"#), None);
        assert_eq!(about("{}"), None);
        assert_eq!(about("nonsense"), None);
    }

    #[test]
    fn a_kind_that_is_not_known_is_called_by_its_own_word() {
        assert_eq!(title("import").zh, "导入文件");
        assert_eq!(title("something_new").en, "something_new");
    }
}
