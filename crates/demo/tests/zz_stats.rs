use hearth_demo::*;
use std::collections::{BTreeMap, HashMap};
#[test]
#[ignore = "prints figures for calibration"]
fn stats() {
    let plan = DemoPlan::new("2026-11-21T08:00:00Z".parse().unwrap());
    let events: Vec<DemoEvent> = history(&plan).collect();
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    let mut days: BTreeMap<i64, (usize, usize, i64)> = BTreeMap::new();
    let mut bytes = 0usize;
    for e in &events {
        *names.entry(e.name).or_default() += 1;
        bytes += e.to_batch_item().len();
        let d = days.entry((e.timestamp.millis() + 28_800_000).div_euclid(86_400_000)).or_default();
        d.0 += 1;
        if e.name == "Order Completed" {
            d.1 += 1;
            let v: serde_json::Value = serde_json::from_str(e.properties.get()).unwrap();
            d.2 += v["revenue"].as_i64().unwrap();
        }
    }
    println!("{} events, {} bytes each\n{names:#?}", events.len(), bytes / events.len());
    for (d, (n, o, r)) in days {
        println!("{} {n} {o} {r}", base::Time::from_millis(d * 86_400_000));
    }
    let mut shown: HashMap<&str, usize> = HashMap::new();
    for e in events.iter().skip(60_000) {
        let c = shown.entry(e.name).or_default();
        *c += 1;
        if *c <= 2 {
            println!("{}", e.to_batch_item());
        }
    }
    println!(
        "{}",
        std::fs::read_to_string("/proc/self/status")
            .unwrap()
            .lines()
            .filter(|l| l.starts_with("VmHWM"))
            .collect::<String>()
    );
}
