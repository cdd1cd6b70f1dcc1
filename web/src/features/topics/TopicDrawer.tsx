import { Button, Form, Input, InputNumber, Select, Switch } from "antd";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useTopicName } from "@/lib/names";
import { FormErrors, SideDrawer, useFormProblem, useUndoToast } from "@/ui";
import { mailTemplates, useSaveTopic, type Topic } from "./api";

const LANGUAGES = ["zh", "en"] as const;

/** Describes a topic in both languages of the preference page. */
export function TopicDrawer({ topic, isOpen, onClose }: { topic: Topic | undefined; isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation("topics");
  const [form] = Form.useForm<Topic>();
  const { problem, show, clear } = useFormProblem(form);
  const save = useSaveTopic();
  const toast = useUndoToast();
  const topicName = useTopicName();
  const isDouble = Form.useWatch("double_opt_in", form) ?? topic?.double_opt_in ?? false;
  const templates = useQuery({ queryKey: ["topics", "templates"], enabled: isDouble, queryFn: ({ signal }) => mailTemplates(signal) });

  function store(values: Topic) {
    clear();
    const description = { zh: values.description?.zh ?? "", en: values.description?.en ?? "" };
    save.mutate(
      { ...values, description, topic: topic?.topic ?? values.topic, confirm_template: values.double_opt_in ? values.confirm_template : null },
      {
        onSuccess: () => {
          toast(t("saved"));
          onClose();
        },
        onError: show,
      },
    );
  }

  return (
    <SideDrawer
      title={topic ? topicName(topic.topic) : t("add")}
      isOpen={isOpen}
      onClose={onClose}
      footer={<Button type="primary" block loading={save.isPending} onClick={form.submit}>{topic ? t("ui:save") : t("add")}</Button>}
    >
      <FormErrors problem={problem} />
      <Form form={form} layout="vertical" initialValues={topic ?? { shown: true, position: 0, double_opt_in: false }} onFinish={store}>
        {!topic && (
          <Form.Item name="topic" label={t("word")} extra={t("wordHelp")} rules={[{ required: true, message: t("wordMissing") }]}>
            <Input maxLength={100} className="h-code" autoComplete="off" />
          </Form.Item>
        )}
        {LANGUAGES.map((language) => (
          <Form.Item key={language} name={["name", language]} label={t(`nameIn.${language}`)} rules={[{ required: true, message: t("nameMissing") }]}>
            <Input maxLength={100} autoComplete="off" />
          </Form.Item>
        ))}
        {LANGUAGES.map((language) => (
          <Form.Item key={language} name={["description", language]} label={t(`aboutIn.${language}`)}>
            <Input.TextArea autoSize={{ minRows: 2 }} maxLength={1000} />
          </Form.Item>
        ))}
        <Form.Item name="shown" valuePropName="checked" label={t("shown")} extra={t("shownHelp")} layout="horizontal">
          <Switch />
        </Form.Item>
        <Form.Item name="position" label={t("position")} extra={t("positionHelp")}>
          <InputNumber />
        </Form.Item>
        <Form.Item name="double_opt_in" valuePropName="checked" label={t("double")} extra={t("doubleHelp")} layout="horizontal">
          <Switch />
        </Form.Item>
        {isDouble && (
          <Form.Item name="confirm_template" label={t("template")} extra={t("templateHelp")} rules={[{ required: true, message: t("templateMissing") }]}>
            <Select showSearch={{ optionFilterProp: "label" }} options={templates.data} loading={templates.isFetching} />
          </Form.Item>
        )}
      </Form>
    </SideDrawer>
  );
}
