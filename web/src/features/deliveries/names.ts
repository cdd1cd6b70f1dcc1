import { useTranslation } from "react-i18next";

/** Why messages are not sent, or wait: the codes of the ledger, the most usual first. */
export const REASONS = [
  "no_consent", "consent_withdrawn", "no_address", "suppressed_address", "not_confirmed", "paused_by_member", "frequency_cap", "quiet_hours",
  "outside_window", "higher_priority", "expired", "stale", "bounced", "complained", "unsubscribed", "invalid_address", "template_failed",
  "template_missing", "template_too_costly", "channel_missing", "channel_deleted", "channel_paused", "breaker", "broken", "blocked", "refused",
  "warm_up", "account_limit", "domain_rate", "retries_exhausted", "outcome_unknown", "process_ended", "journey_stopped", "cancelled",
  "cancelled_by_operator", "settled_not_sent", "member_erased", "trait_missing", "trait_unreadable", "window_never_opens", "no_clock", "manual",
] as const;

/** A state of the ledger in a word. */
export function useStateName(): (state: string) => string {
  const { t, i18n } = useTranslation("deliveries");
  return (state) => (i18n.exists(`deliveries:state.${state}`) ? t(`state.${state}`) : state);
}

/** A reason of the ledger in a few words; the code of one that we do not know. */
export function useReasonName(): (reason: string) => string {
  const { t, i18n } = useTranslation("deliveries");
  return (reason) => (i18n.exists(`deliveries:reason.${reason}`) ? t(`reason.${reason}`) : reason);
}

/** A kind of channel, such as e-mail. */
export function useKindName(): (kind: string) => string {
  const { t, i18n } = useTranslation("deliveries");
  return (kind) => (i18n.exists(`deliveries:kind.${kind}`) ? t(`kind.${kind}`) : kind);
}
