//! Whether the links of a template lead anywhere, by asking them.

use std::sync::Arc;

use base::Problem;
use channels::{
    guard::Guard,
    reach::{Prober, Reach},
};
use futures::StreamExt;

use super::{
    Content,
    lint::{Link, Warning, fixed_links},
};

/// Links that are asked; further ones are not.
const MOST: usize = 20;
/// How many are asked at once. Each takes 5 s at most, so all of them take 20 s.
const AT_ONCE: usize = 5;

/// Asks the first links of a template that are the same for everybody.
pub(super) async fn silent_links(guard: &Guard, content: &Content) -> Result<Vec<Warning>, Problem> {
    let prober = Arc::new(Prober::new(guard)?);
    let links = fixed_links(content).into_iter().take(MOST);
    let asked: Vec<(Link, Reach)> = futures::stream::iter(links)
        .map(move |link| {
            let prober = prober.clone();
            async move {
                let reach = prober.reach(&link.address).await;
                (link, reach)
            }
        })
        .buffered(AT_ONCE)
        .collect()
        .await;
    Ok(asked.into_iter().filter_map(|(link, reach)| warning(link, reach)).collect())
}

fn warning(link: Link, reach: Reach) -> Option<Warning> {
    let Link { path, place, address } = link;
    let (code, severity, en, zh) = match reach {
        Reach::Answers | Reach::Unclear => return None,
        Reach::Gone(status) => (
            "dead_link",
            "error",
            format!("There is nothing at \"{address}\": it answers with {status}"),
            format!("“{address}”打不开：返回状态 {status}"),
        ),
        Reach::Silent => {
            ("silent_link", "warning", format!("\"{address}\" does not answer"), format!("“{address}”没有响应"))
        }
        Reach::Inside => (
            "dead_link",
            "error",
            format!("\"{address}\" is not an address that members can open"),
            format!("会员无法打开“{address}”"),
        ),
    };
    Some(Warning { code, severity, path, line: place.map(|place| place.0), column: place.map(|place| place.1), en, zh })
}
