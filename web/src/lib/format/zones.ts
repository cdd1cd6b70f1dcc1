/** The time zones that this browser knows, for a field with suggestions. */
export const TIME_ZONES: { value: string }[] = ["UTC", ...Intl.supportedValuesOf("timeZone")].map((value) => ({ value }));
