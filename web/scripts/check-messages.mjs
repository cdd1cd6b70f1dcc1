// Messages in three languages: none missing, none unused, the same placeholders, and Taiwan's words in zh-TW.
//
// A file of code reads from the namespace of its `useTranslation("name")`; another one is named in the key itself,
// as in t("ui:save"). A key that is put together counts for all that begin with its fixed part: t(`state.${state}`).

import { readdir, readFile } from "node:fs/promises";
import path from "node:path";

const LANGUAGES = ["zh-CN", "zh-TW", "en"];
const root = new URL("../src/", import.meta.url).pathname;
const faults = [];
const fault = (text) => faults.push(text);

/** Mainland words that a reader in Taiwan stumbles over, and what stands there instead. */
const NOT_IN_TAIWAN = {
  默認: "預設", 設置: "設定", 用戶: "使用者", 信息: "訊息／資訊", 登錄: "登入", 登出成功: "已登出", 保存: "儲存", 視頻: "影片", 數據: "資料",
  文件夾: "資料夾", 網絡: "網路", 服務器: "伺服器", 軟件: "軟體", 質量: "品質", 搜索: "搜尋", 鏈接: "連結", 屏幕: "螢幕", 導出: "匯出", 導入: "匯入",
  密鑰: "金鑰", 短信: "簡訊", 緩存: "快取", 復制: "複製", 刷新: "重新整理", 菜單: "選單", 賬號: "帳號", 賬戶: "帳戶", 郵箱: "電子郵件", 添加: "新增",
  創建: "建立", 激活: "啟用", 禁用: "停用", 撤銷: "復原／撤回", 粘貼: "貼上", 字段: "欄位", 列表: "清單", 程序: "程式", 接口: "介面", 代碼: "程式碼",
  項目: "專案", 進度條: "進度列", 實時: "即時", 後台: "背景／後臺", 獲取: "取得", 渠道: "通路／管道", 觸達: "訊息", 快捷鍵: "快速鍵", 拓展: "擴充", 優惠券: "優惠券",
};
delete NOT_IN_TAIWAN.優惠券;
/** Characters that only simplified writing has. */
const SIMPLIFIED = /[们这个为时来说对会发动关问学现实业员号设让应该试头从东书车见贝长门马风飞鱼鸟龙电话语记认识请读写单双变图团国圆场块坏坚坛处备复够导寻层岁币师带帮广庆库废开异弃张弹强归录彻径态恋总惯惊惯愿慑懒戏战执扩扫扬护报担拥择挂挡损换据携摄摆数断无旧显晓权条极构标栏树样桥档梦检楼欢欧欲残毕气汇汉沟没泪泽洁测济浏浓涛润涨渐渔温湿满滚滨灭灯灵灾炉点炼热爱牵状独狭献环画畅疗监盖盘确础离种积称稳穷窃竞笔签简类粮紧红约级纪纯纳纵纷纸纹线练组细终绍经结绘给络绝统继续绩维综缓编缘缩网罗罚罢职联聪肃肠肤胜脑脚脱节范茎荐荣药莱获营虚虽补装规觉览观触订计讨训议讲许论证评词译详误诸课谁调谈谢谱贡财责败货质贩贫购贴贵贷贸费资赏赔赖赛赞赢赵赶趋跃踪转轮软轻载较辅辆辑输边达迁过迈运还进远违连迟适选递逻遗邮邻郑酱释钟钢钥钱链销锁错键锻镇长闪闭间闲闻队阳阶际陆陈险随隐难雾静顶项顺须顾顿预领频题颜额风饭饮馆驱验骗骤黄齐龄]/;

async function filesBelow(folder, pattern) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile() && pattern.test(entry.name)).map((entry) => path.join(entry.parentPath, entry.name));
}

function flatten(value, prefix, into) {
  for (const [key, inner] of Object.entries(value)) {
    const name = prefix ? `${prefix}.${key}` : key;
    if (typeof inner === "string") into.set(name, inner);
    else flatten(inner, name, into);
  }
  return into;
}

/** All messages, by language and then by `namespace:key`. */
const messages = {};
for (const language of LANGUAGES) {
  messages[language] = new Map();
  for (const file of await filesBelow(path.join(root, "messages", language), /\.json$/)) {
    const namespace = path.basename(file, ".json");
    const flat = flatten(JSON.parse(await readFile(file, "utf8")), "", new Map());
    for (const [key, text] of flat) messages[language].set(`${namespace}:${key}`, text);
  }
}

const PLURAL = /_(zero|one|two|few|many|other)$/;
const stem = (key) => key.replace(PLURAL, "");
const placeholders = (text) => [...new Set([...text.matchAll(/\{\{\s*-?\s*([\w.]+)/g)].map((match) => match[1]))].sort().join(",");

// The same keys in each language, with the plural forms that the language has.
const plural = new Set(LANGUAGES.flatMap((language) => [...messages[language].keys()].filter((key) => PLURAL.test(key)).map(stem)));
const stems = new Set(LANGUAGES.flatMap((language) => [...messages[language].keys()].map(stem)));
for (const key of stems) {
  for (const language of LANGUAGES) {
    const forms = plural.has(key)
      ? new Intl.PluralRules(language).resolvedOptions().pluralCategories.map((form) => `${key}_${form}`)
      : [key];
    for (const form of forms) {
      if (!messages[language].has(form)) fault(`${language}: missing ${form}`);
    }
    for (const form of [...messages[language].keys()].filter((name) => plural.has(key) && stem(name) === key)) {
      if (!forms.includes(form)) fault(`${language}: ${form} is a plural form that the language does not have`);
    }
  }
  const of = (language) => messages[language].get(key) ?? messages[language].get(`${key}_other`) ?? "";
  for (const language of LANGUAGES.slice(1)) {
    if (of(language) && placeholders(of(language)) !== placeholders(of("zh-CN"))) {
      fault(`${language}: ${key} has other placeholders than zh-CN`);
    }
  }
}

for (const language of LANGUAGES) {
  for (const [key, text] of messages[language]) {
    if (!text.trim()) fault(`${language}: ${key} is empty`);
    if (language === "en" && /\p{Script=Han}/u.test(text) && !key.includes("languageName")) fault(`en: ${key} has Chinese in it`);
    if (language !== "zh-TW" || key.includes("languageName")) continue;
    for (const [word, better] of Object.entries(NOT_IN_TAIWAN)) {
      if (text.includes(word)) fault(`zh-TW: ${key} says ${word}; in Taiwan: ${better}`);
    }
    const simplified = SIMPLIFIED.exec(text);
    if (simplified) fault(`zh-TW: ${key} has the simplified character ${simplified[0]}`);
  }
}

// What the code asks for.
const used = new Set();
const beginnings = [];
for (const file of await filesBelow(root, /(?<!\.test)\.tsx?$/)) {
  const code = await readFile(file, "utf8");
  const own = /useTranslation\(\s*"([\w-]+)"/.exec(code)?.[1] ?? /@messages ([\w-]+)/.exec(code)?.[1] ?? "ui";
  const full = (key) => (key.includes(":") ? key : `${own}:${key}`);
  const name = path.relative(root, file);
  for (const match of code.matchAll(/(?:\bt\(\s*|\bi18nKey=|\bkey: |\blabelKey: |\bwords\(\s*)"([\w.:-]+)"/g)) {
    const call = match[0];
    const key = full(match[1]);
    if (stems.has(key)) used.add(key);
    else if (/^(t|i18nKey)/.test(call)) fault(`${name}: there is no message ${key}`);
  }
  for (const match of code.matchAll(/\bt\(\s*`([\w.:-]+)\$\{/g)) {
    const beginning = full(match[1]);
    if (![...stems].some((key) => key.startsWith(beginning))) fault(`${name}: no message begins with ${beginning}`);
    beginnings.push(beginning);
  }
}
for (const key of stems) {
  if (!used.has(key) && !beginnings.some((beginning) => key.startsWith(beginning))) fault(`unused: ${key}`);
}

for (const text of faults) console.error(text);
console.log(`${stems.size} messages in ${LANGUAGES.length} languages, ${faults.length} faults`);
process.exit(faults.length === 0 ? 0 : 1);
