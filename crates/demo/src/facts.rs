//! What happened, in the compact form in which it is drawn and sorted.

use std::sync::Arc;

use crate::world::wines::{COUPONS, product_at};

/// Something that one person did.
#[derive(Clone, Debug)]
pub(crate) struct Fact {
    /// Milliseconds since 1970.
    pub at: i64,
    /// Index among the people.
    pub person: u32,
    /// For the details that are chosen when the fact is written out.
    pub salt: u32,
    pub voice: Voice,
    pub what: What,
}

/// By which ids the person is known to the one who reports the fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Voice {
    /// A device whose owner has not said who he is.
    Visitor(u8),
    /// A device whose owner is logged in.
    Member(u8),
    /// No device: a chat platform, the shop's back office.
    Account,
}

/// What was done. Numbers are indexes into the tables of [`crate::world`].
#[derive(Clone, Debug)]
pub(crate) enum What {
    Identified(Detail),
    PageViewed(u8),
    ProductViewed(u8),
    ProductAdded { cart: u64, product: u8, quantity: u8 },
    CheckoutStarted(Arc<Cart>),
    OrderCompleted(Arc<Cart>),
    CouponRedeemed(Arc<Cart>),
    ReviewPosted { cart: Arc<Cart>, stars: u8 },
    ReferralSent,
    GroupJoined { group: u8, via: &'static str },
    GroupLeft { group: u8 },
    MessagePosted { group: u8, topic: u8 },
    ArticleRead { article: u8, seconds: u16 },
    PosterScanned(u8),
    LiveSessionJoined { topic: u8, minutes: u8 },
}

/// How much an identify call tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detail {
    /// All that is known of the person.
    Everything,
    /// Only that this device is his.
    Login,
    /// Which grape he prefers, found out later.
    Taste,
}

/// What somebody wants to buy, or has bought.
#[derive(Clone, Debug)]
pub(crate) struct Cart {
    pub number: u64,
    /// Product and quantity.
    pub lines: Vec<(u8, u8)>,
    pub coupon: Option<u8>,
}

impl Cart {
    /// The price of the goods in yuan.
    pub(crate) fn goods(&self) -> u32 {
        self.lines.iter().map(|(product, quantity)| product_at(*product).price * u32::from(*quantity)).sum()
    }

    /// What the coupon takes off, in yuan.
    pub(crate) fn discount(&self) -> u32 {
        let coupon = self.coupon.and_then(|index| COUPONS.get(usize::from(index)));
        coupon.filter(|coupon| self.goods() >= coupon.from).map_or(0, |coupon| coupon.off)
    }

    /// What sending it costs, in yuan.
    pub(crate) fn shipping(&self) -> u32 {
        if self.goods() >= 199 { 0 } else { 12 }
    }

    /// What is paid, in yuan.
    pub(crate) fn revenue(&self) -> u32 {
        self.goods() - self.discount() + self.shipping()
    }
}
