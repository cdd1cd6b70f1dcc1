/** What stands in empty fields: addresses and names that are the same in each language. */
export const EXAMPLE = {
  sender: "hello@example.com",
  bounces: "bounces@example.com",
  smtp: "smtp.example.com",
  certificate: "-----BEGIN CERTIFICATE-----",
  folder: "INBOX",
  provider: "qq.com",
  domain: "example.com",
  webhook: "https://example.com/hearth",
  secret: "whsec_…",
  bearer: "Bearer …",
  header: "X-Shop",
};

export const ALGORITHMS = [
  ["rsa", "RSA"],
  ["ed25519", "Ed25519"],
] as const;
