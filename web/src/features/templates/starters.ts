import { NO_PARTS, type Draft } from "./draft";

/** What a new template may begin with. */
export const STARTERS = ["welcome", "offer", "plain", "webhook", "blank"] as const;
export type Starter = (typeof STARTERS)[number];

type Say = (key: string) => string;

const member = (say: Say) => `{{ member.name|fallback("${say("friend").replaceAll('"', "")}") }}`;

function footer(say: Say): string {
  return `    <mj-section padding="0 24px 32px">
      <mj-column>
        <mj-divider border-width="1px" border-color="#e8e1d6" />
        <mj-text font-size="12px" color="#6b6156" line-height="20px">
          {{ workspace.name }}{% if channel.physical_address %} · {{ channel.physical_address }}{% endif %}<br />
          <a href="{{ preferences_url }}">${say("preferences")}</a> · <a href="{{ unsubscribe_url }}">${say("unsubscribe")}</a>
        </mj-text>
      </mj-column>
    </mj-section>`;
}

function letter(say: Say, inside: string): string {
  return `<mjml>
  <mj-head>
    <mj-attributes>
      <mj-all font-family="'PingFang SC', 'Microsoft YaHei', 'Noto Sans SC', Helvetica, Arial, sans-serif" />
      <mj-text font-size="16px" line-height="28px" color="#1f1b16" />
      <mj-button background-color="#c2410c" color="#ffffff" border-radius="10px" font-size="16px" />
    </mj-attributes>
  </mj-head>
  <mj-body background-color="#faf7f2" width="600px">
    <mj-section background-color="#ffffff" padding="32px 24px">
      <mj-column>
${inside}
      </mj-column>
    </mj-section>
${footer(say)}
  </mj-body>
</mjml>
`;
}

const paragraph = (text: string) => `        <mj-text>${text}</mj-text>`;
const heading = (text: string) => `        <mj-text font-size="24px" line-height="32px" font-weight="600">${text}</mj-text>`;
const button = (text: string) => `        <mj-button href="https://example.com">${text}</mj-button>`;

/** A draft to begin with, in the reader's language. `say` gives the words, which have no placeholders in them. */
export function starterDraft(starter: Starter, say: Say): Draft {
  const blank: Draft = { name: say(`${starter}.name`), channel_kind: "email", parts: NO_PARTS, translations: {}, rules: {}, strict: false };
  const subject = `${member(say)}${say(`comma`)}`;
  switch (starter) {
    case "welcome":
      return {
        ...blank,
        parts: {
          ...NO_PARTS,
          subject: `${subject}${say("welcome.subject")}`,
          preheader: say("welcome.preheader"),
          mjml: letter(say, [heading(`${member(say)}${say("comma")}${say("welcome.heading")}`), paragraph(say("welcome.first")), paragraph(say("welcome.second")), button(say("welcome.button"))].join("\n")),
        },
      };
    case "offer":
      return {
        ...blank,
        rules: { vip: { tag: "vip" } },
        parts: {
          ...NO_PARTS,
          subject: say("offer.subject"),
          preheader: say("offer.preheader"),
          mjml: letter(say, [heading(say("offer.heading")), paragraph(`${member(say)}${say("comma")}${say("offer.first")}`), `        <mj-text>{% if rules.vip %}${say("offer.vip")}{% else %}${say("offer.others")}{% endif %}</mj-text>`, button(say("offer.button"))].join("\n")),
        },
      };
    case "plain":
      return {
        ...blank,
        parts: { ...NO_PARTS, subject: `${subject}${say("plain.subject")}`, text: `${member(say)}${say("comma")}\n\n${say("plain.first")}\n\n${say("plain.second")}\n\n{{ workspace.name }}\n\n${say("unsubscribe")}: {{ unsubscribe_url }}\n` },
      };
    case "webhook":
      return {
        ...blank,
        channel_kind: "webhook",
        parts: { ...NO_PARTS, text: '{\n  "member": {{ member.id|tojson }},\n  "name": {{ member.name|fallback("")|tojson }},\n  "journey": {{ journey.name|tojson }}\n}\n' },
      };
    default:
      return blank;
  }
}
