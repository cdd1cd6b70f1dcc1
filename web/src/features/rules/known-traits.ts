/** Traits that SDKs agree on, of which the messages `rules` have the words. */
export const KNOWN_TRAITS = [
  "name", "first_name", "last_name", "nickname", "email", "phone", "gender", "age", "birthday", "city", "province", "country", "address",
  "language", "points", "level", "source", "company", "created_at",
  "acquisition_channel",
];

/** Properties of events, likewise. */
export const KNOWN_PROPERTIES = ["revenue", "total", "price", "quantity", "currency", "order_id", "product_id", "category", "brand", "rating", "score", "coupon", "shop"];
