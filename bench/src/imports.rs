//! A file of members on its way into the log, and until it has taken effect.

use std::{
    io::{BufWriter, Write},
    path::Path,
};

use anyhow::{Context, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use store::SystemClock;

use crate::{figures::Figures, hearth::Hearth};

const FAMILY_NAMES: [&str; 10] = ["王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "欧阳"];
const GIVEN_NAMES: [&str; 12] = ["伟", "芳", "秀英", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳"];
const CITIES: [(&str, &str); 6] =
    [("上海", "上海"), ("浙江", "杭州"), ("四川", "成都"), ("广东", "广州"), ("陕西", "西安"), ("黑龙江", "哈尔滨")];

/// Uploads a file of `rows` members with twelve columns and imports it as a job. What counts is the moment at which every
/// row is durable in the log, as the job itself tells.
pub async fn measure(rows: usize, figures: &mut Figures) -> anyhow::Result<()> {
    let clock = SystemClock::start();
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("members.csv");
    write_members(&file, rows)?;
    let mut hearth = Hearth::found(&directory.path().join("data"), None).await?;
    hearth.start(clock.as_ref()).await?;
    let began = clock.monotonic();
    let uploaded = hearth.upload("/api/v1/imports?name=members.csv", &file).await?;
    let upload_seconds = (clock.monotonic() - began).as_secs_f64();
    let path = format!("/api/v1/imports/{}", uploaded["id"].as_str().context("no id")?);
    let choice = json!({"mapping": uploaded["suggested_mapping"]["mapping"]});
    let began = clock.monotonic();
    hearth.call(Method::POST, &format!("{path}/start"), Some(&choice)).await?;
    let mut durable = None;
    let mut memory: u64 = 0;
    let result: Value = loop {
        let shown = hearth.call(Method::GET, &path, None).await?;
        memory = memory.max(hearth.memory()?);
        let seconds = (clock.monotonic() - began).as_secs_f64();
        let phase = shown["progress"]["phase"].as_str().unwrap_or_default();
        if durable.is_none() && (phase == "taking_effect" || shown["state"] == "done") {
            durable = Some(seconds);
        }
        match shown["state"].as_str() {
            Some("done") => break shown["result"].clone(),
            Some("queued" | "running") => clock.sleep(std::time::Duration::from_millis(50)).await,
            other => anyhow::bail!("the import ended as {other:?}: {}", shown["error"]),
        }
    };
    let effect = (clock.monotonic() - began).as_secs_f64();
    ensure!(result["imported"] == rows, "{result}");
    hearth.stop().await?;
    let rate = rows as f64 / durable.context("it never was durable")?;
    figures.at_least("import of members (CSV, 12 columns) into the log", rate, 50_000.0, "rows/s");
    figures.yardstick("— until all of it has taken effect", rows as f64 / effect, "rows/s");
    figures.yardstick("— upload and detection of the file", upload_seconds, "s");
    figures.yardstick("— most memory meanwhile", memory as f64 / 1e6, "MB");
    Ok(())
}

fn write_members(file: &Path, rows: usize) -> anyhow::Result<()> {
    let mut out = BufWriter::new(std::fs::File::create(file)?);
    writeln!(out, "会员编号,姓名,手机号,邮箱,性别,生日,省份,城市,地址,会员等级,积分,注册时间")?;
    for row in 0..rows {
        let name = format!("{}{}", FAMILY_NAMES[row % 10], GIVEN_NAMES[row / 10 % 12]);
        let (province, city) = CITIES[row / 7 % 6];
        writeln!(
            out,
            "M{row:08},{name},138{:08},member{row}@example.com,{},19{:02}-{:02}-{:02},{province},{city},\"{city}市人民路{}号,{}室\",{},{},202{}/{}/{} {}:{:02}:{:02}",
            row % 100_000_000,
            if row % 2 == 0 { "男" } else { "女" },
            50 + row % 50,
            1 + row % 12,
            1 + row % 28,
            row % 999,
            row % 30 * 100 + 1,
            ["普通", "银卡", "金卡"][row % 3],
            row % 20_000,
            row % 6,
            1 + row % 12,
            1 + row % 28,
            row % 24,
            row % 60,
            row % 59,
        )?;
    }
    Ok(out.flush()?)
}
