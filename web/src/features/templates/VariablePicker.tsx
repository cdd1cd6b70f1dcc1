import { AppstoreAddOutlined, SearchOutlined } from "@ant-design/icons";
import { Button, Input, Popover } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useServerWords } from "@/lib/i18n/server-words";
import { Loaded } from "@/ui";
import { remember, remembered } from "@/lib/storage";
import { usePartials, useVariables } from "./api";
import { blockFor, includeOf, matching, tagFor, type Form, type Variable, type VariableGroup } from "./variables";

export type Piece = string | ((chosen: string) => string);

interface VariablePickerProps {
  template: string | undefined;
  /** The kind of text into which the cursor stands. */
  form: Form;
  rules: readonly string[];
  /** Puts it in where the cursor was last. */
  onInsert: (piece: Piece) => void;
}

/** What can be put into a text: what is known of the member, the event, the shop; links; pieces of text; blocks for some. */
export function VariablePicker(props: VariablePickerProps) {
  const { t } = useTranslation("templates");
  const [isOpen, setIsOpen] = useState(false);
  return (
    <Popover
      trigger="click"
      placement="bottomLeft"
      open={isOpen}
      onOpenChange={setIsOpen}
      destroyOnHidden
      content={
        <Picker
          {...props}
          onInsert={(piece) => {
            setIsOpen(false);
            props.onInsert(piece);
          }}
        />
      }
    >
      <Button icon={<AppstoreAddOutlined />} aria-haspopup="dialog" aria-expanded={isOpen}>
        {t("variables.insert")}
      </Button>
    </Popover>
  );
}

function Picker({ template, form, rules, onInsert }: VariablePickerProps) {
  const { t } = useTranslation("templates");
  const say = useServerWords();
  const variables = useVariables(template);
  const partials = usePartials();
  const [text, setText] = useState("");
  const [fallback, setFallback] = useState<string>(() => remembered("templates.fallback", t("variables.friend")));
  const names = (partials.data?.items ?? []).map((partial) => partial.name).filter((name) => name.includes(text.trim()));

  function put(variable: Variable) {
    remember("templates.fallback", fallback);
    const linkText = variable.type === "link" ? linkWords(variable.path) : "";
    onInsert(tagFor(variable, form, { fallback: variable.type === "link" ? "" : fallback, linkText }));
  }

  const linkWords = (path: string) => (path === "preferences_url" ? t("variables.preferences") : path === "confirm_url" ? t("variables.confirm") : t("variables.unsubscribe"));
  return (
    <div className="h-picker">
      <Input autoFocus prefix={<SearchOutlined aria-hidden />} placeholder={t("variables.search")} aria-label={t("variables.search")} value={text} onChange={(event) => setText(event.target.value)} />
      <label className="h-picker-fallback">
        <span>{t("variables.fallback")}</span>
        <Input size="small" value={fallback} onChange={(event) => setFallback(event.target.value)} maxLength={100} placeholder={t("variables.noFallback")} />
      </label>
      <div className="h-picker-list">
        <Loaded query={variables} rows={4}>
          {(groups) => (
            <>
              {matching(groups, text).map((group) => (
                <section key={`${group.root}${group.event ?? ""}`}>
                  <GroupTitle group={group} />
                  <ul>
                    {group.items.map((item) => (
                      <li key={item.path}>
                        <button type="button" title={item.path} onClick={() => put(item)}>
                          <span>{say(item)}</span>
                          {exampleOf(item.example) && <span className="h-heard">{item.path}</span>}
                          <span className="h-code h-quiet">{exampleOf(item.example) || item.path}</span>
                        </button>
                      </li>
                    ))}
                  </ul>
                </section>
              ))}
              {names.length > 0 && (
                <section>
                  <h4>{t("variables.partials")}</h4>
                  <ul>
                    {names.map((name) => (
                      <li key={name}>
                        <button type="button" onClick={() => onInsert(includeOf(name))}><span>{name}</span></button>
                      </li>
                    ))}
                  </ul>
                </section>
              )}
              {rules.length > 0 && (
                <section>
                  <h4>{t("variables.blocks")}</h4>
                  <ul>
                    {rules.map((rule) => (
                      <li key={rule}>
                        <button type="button" onClick={() => onInsert((chosen) => blockFor(rule, chosen || t("variables.blockText")))}>
                          <span>{t("variables.onlyFor", { rule })}</span>
                        </button>
                      </li>
                    ))}
                  </ul>
                </section>
              )}
            </>
          )}
        </Loaded>
      </div>
    </div>
  );
}

function GroupTitle({ group }: { group: VariableGroup }) {
  const { t } = useTranslation("templates");
  const say = useServerWords();
  if (group.event) return <h4>{group.journey ? t("variables.eventOf", { event: group.event, journey: group.journey }) : group.event}</h4>;
  return <h4>{say(group)}</h4>;
}

function exampleOf(example: unknown): string {
  if (example === null || example === undefined) return "";
  const text = typeof example === "string" ? example : JSON.stringify(example);
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}
