//! The forms of requests and replies of imports.

use std::collections::BTreeMap;

use api::ErrorWords;
use base::{
    Time,
    ids::{ImportId, ImportMappingId, JobId},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use super::{detect::Detected, preview::Counts, questions::Question, words::Language};

/// How an upload is called.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UploadQuery {
    /// The name of the file, 1 to 200 characters.
    pub name: Option<String>,
}

/// An uploaded file, and how far its import is.
#[derive(Serialize, ToSchema)]
pub struct ImportBody {
    /// `imp_…`
    #[schema(value_type = String)]
    pub id: ImportId,
    /// The name of the file.
    pub name: String,
    /// Its size.
    pub bytes: i64,
    /// `uploaded`, `previewing`, `previewed`, `preview_failed`; `queued`, `running`, `done`, `failed` or `cancelled` once
    /// it was started; `expired` when its file went before that.
    pub state: String,
    /// What was found in the file.
    pub detected: Detected,
    /// What its columns are likely to mean.
    pub suggested_mapping: SuggestedMapping,
    /// A saved mapping that fits the file.
    pub offered_mapping: Option<OfferedMapping>,
    /// The mapping by which it was previewed or started last.
    #[schema(value_type = Option<Object>)]
    pub mapping: Option<Value>,
    /// What an import would do.
    pub preview: Option<Counts>,
    /// How far the import, or else the preview, is.
    pub progress: Option<ProgressBody>,
    /// What the import did.
    pub result: Option<ResultBody>,
    /// Why import or preview failed: what was wrong this time, in English.
    pub error: Option<String>,
    /// The kind of error, with words for people.
    pub why: Option<ErrorWords>,
    /// Who sent it.
    pub created_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
    /// When the file was deleted.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub file_deleted_at: Option<Time>,
}

/// A mapping that a file seems to ask for.
#[derive(Serialize, ToSchema)]
pub struct SuggestedMapping {
    /// `kind`, and the entries of the mapping; can be sent back as it is.
    #[schema(value_type = Object)]
    pub mapping: BTreeMap<String, String>,
    /// What nobody but you can decide.
    pub questions: Vec<Question>,
}

/// A saved mapping that fits.
#[derive(Clone, Serialize, ToSchema)]
pub struct OfferedMapping {
    /// `imm_…`
    #[schema(value_type = String)]
    pub id: ImportMappingId,
    /// Its name.
    pub name: String,
}

/// How far work is.
#[derive(Serialize, ToSchema)]
pub struct ProgressBody {
    /// The job that does it.
    #[schema(value_type = String)]
    pub job: JobId,
    /// `preview`; `reading` until all rows are durable in the log, then `taking_effect`.
    pub phase: Option<String>,
    /// Rows done.
    pub rows: i64,
    /// About how many there are.
    pub total: i64,
    /// Of a hundred.
    pub percent: f64,
    /// How fast it goes.
    pub rows_per_second: Option<f64>,
}

/// What an import did.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct ResultBody {
    /// Rows that are in the log and have taken effect.
    pub imported: i64,
    /// Rows that are not; `GET …/rejects` has them.
    pub rejected: i64,
    /// Rows of these that an earlier import of the same file with the same mapping did.
    #[serde(default)]
    pub resumed_after: i64,
}

/// A mapping to work by: one of the two.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MappingChoice {
    /// `kind` (`members` or `events`) and the entries: `{"kind": "members", "user_id": "会员编号", "email": "邮箱", "traits":
    /// {"city": "城市", "points": "积分:number"}, "tags": "标签", "add_tags": ["2026 展会"], "consents": [{"channel": "email",
    /// "purpose": "news", "column": "订阅", "yes": ["是", "Y"], "given_at": "订阅日期", "proof": "门店登记表"}]}`. A consent
    /// needs all of these; `no` lists what withdraws it (no, n, false, f, 0 and 否 when left out) and `withdrawn_at` since
    /// when. `tags_separator` says what parts tags where the file leaves it open. Behind `:number`, `:bool` and `:date` a
    /// cell that says that there is nothing (`-`, `N/A`, `null`, `无`, `未知` …) is an empty one; `:text` keeps it.
    #[schema(value_type = Option<Object>)]
    pub mapping: Option<Map<String, Value>>,
    /// A saved one.
    #[schema(value_type = Option<String>)]
    pub mapping_id: Option<ImportMappingId>,
    /// In which language it is said why rows are rejected: `en` or `zh`; as `Accept-Language` wishes when left out.
    #[serde(default)]
    pub language: Option<Language>,
}

/// A mapping to save.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMapping {
    /// Its name, 1 to 200 characters, one of its own.
    pub name: String,
    /// `events` or `members`.
    pub kind: String,
    /// The entries.
    #[schema(value_type = Object)]
    pub mapping: Map<String, Value>,
}

/// A saved mapping.
#[derive(Serialize, ToSchema)]
pub struct MappingBody {
    /// `imm_…`
    #[schema(value_type = String)]
    pub id: ImportMappingId,
    /// Its name.
    pub name: String,
    /// `events` or `members`.
    pub kind: String,
    /// The entries.
    #[schema(value_type = Object)]
    pub mapping: Value,
    /// Who saved it.
    pub created_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
    /// When it was changed last.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Time,
}
