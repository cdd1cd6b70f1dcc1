import { BulbOutlined, DesktopOutlined, MoonOutlined, SunOutlined, TranslationOutlined } from "@ant-design/icons";
import { Button, Dropdown } from "antd";
import { useTranslation } from "react-i18next";
import { chooseLanguage, LANGUAGES, type Language } from "@/lib/i18n";
import { THEME_CHOICES, useTheme, type ThemeChoice } from "./theme/ThemeProvider";

/** The sign of the house. */
export function Mark({ size }: { size: number }) {
  return <img src={`${import.meta.env.BASE_URL}favicon.svg`} width={size} height={size} alt="" />;
}

export function LanguageButton() {
  const { t, i18n } = useTranslation("ui");
  return (
    <Dropdown
      trigger={["click"]}
      menu={{
        selectable: true,
        selectedKeys: [i18n.language],
        items: LANGUAGES.map((language) => ({ key: language, label: <span lang={language}>{t(`languageName.${language}`)}</span> })),
        onClick: ({ key }) => void chooseLanguage(key as Language),
      }}
    >
      <Button type="text" icon={<TranslationOutlined />} aria-label={t("language")} />
    </Dropdown>
  );
}

const ICONS: Record<ThemeChoice, React.ReactNode> = {
  system: <DesktopOutlined />,
  light: <SunOutlined />,
  dark: <MoonOutlined />,
};

export function ThemeButton() {
  const { t } = useTranslation("ui");
  const { choice, choose } = useTheme();
  return (
    <Dropdown
      trigger={["click"]}
      menu={{
        selectable: true,
        selectedKeys: [choice],
        items: THEME_CHOICES.map((one) => ({ key: one, icon: ICONS[one], label: t(`theme.${one}`) })),
        onClick: ({ key }) => choose(key as ThemeChoice),
      }}
    >
      <Button type="text" icon={<BulbOutlined />} aria-label={t("theme.title")} />
    </Dropdown>
  );
}
