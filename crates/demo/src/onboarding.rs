//! How somebody becomes a member: looks around unnamed, says who he is, joins groups.

use crate::{
    facts::{Detail, Voice, What},
    life::Life,
    population::Origin,
    season::{DAY, HOUR, last_on_air},
    sessions::{Membership, Scribe},
    world::{
        places::{BY_ARTICLE, BY_LIVE, BY_POSTER, POSTERS},
        wines::{ARTICLES, PAGES},
    },
};

const MINUTE: i64 = 60_000;

impl Scribe<'_> {
    /// Everything up to and around the moment of signing up.
    pub(crate) fn arrive(&mut self, history_start: i64) {
        match self.person.origin {
            // The list that the shop kept so far is brought over in the first minutes.
            Origin::Before => {
                let moment = history_start + self.dice.between(0, 40 * MINUTE);
                self.note(moment, Voice::Account, What::Identified(Detail::Everything));
            }
            Origin::Visitor => self.first_contact(self.person.signup),
            Origin::Within => self.sign_up(),
        }
    }

    fn sign_up(&mut self) {
        let signup = self.person.signup;
        let mut moment = signup;
        if self.dice.chance(0.45) {
            moment -= (self.dice.exponential(1.6).min(10.0) * DAY as f64) as i64;
        }
        let looks = 1 + self.dice.geometric(0.35, 2);
        for look in 0..looks {
            if look == 0 {
                let earlier = self.dice.between(MINUTE, 6 * MINUTE);
                self.first_contact(moment - earlier);
            } else {
                self.look_around(moment, Voice::Visitor(0));
            }
            moment += self.dice.between((signup - moment) / 3, (signup - moment).max(1));
        }
        // From the moment of signing up on, his device is known.
        self.facts.retain(|fact| fact.at < signup);
        self.note(signup, Voice::Member(0), What::Identified(Detail::Everything));
        self.known_devices |= 1;
        if !self.person.tells_grape && self.dice.chance(0.5) {
            let later = signup + self.dice.between(2 * MINUTE, 9 * DAY);
            self.note(later, Voice::Member(0), What::Identified(Detail::Taste));
        }
        self.join_groups(signup);
    }

    /// The very first thing he sees, by the way on which he comes.
    fn first_contact(&mut self, moment: i64) {
        let voice = Voice::Visitor(0);
        match self.person.acquisition {
            BY_ARTICLE => {
                let article = self.dice.index(ARTICLES.len()) as u8;
                let seconds = self.dice.between(25, 300) as u16;
                self.note(moment, voice, What::ArticleRead { article, seconds });
            }
            BY_POSTER => {
                let city = self.person.city_name();
                let here = POSTERS.iter().position(|(_, _, hangs_in)| *hangs_in == city).unwrap_or(4);
                self.note(moment, voice, What::PosterScanned(here as u8));
            }
            BY_LIVE if moment - last_on_air(moment) < 3 * HOUR => {
                let topic = self.dice.index(6) as u8;
                let minutes = self.dice.between(2, 45) as u8;
                self.note(moment, voice, What::LiveSessionJoined { topic, minutes });
            }
            _ => self.note(moment, voice, What::PageViewed(0)),
        }
        let later = moment + self.dice.between(8_000, MINUTE);
        self.look_around(later, voice);
    }

    fn look_around(&mut self, moment: i64, voice: Voice) {
        let mut moment = moment;
        if self.dice.chance(0.5) {
            let page = self.dice.index(PAGES.len()) as u8;
            self.note(moment, voice, What::PageViewed(page));
            moment += self.dice.between(5_000, 50_000);
        }
        for _ in 0..1 + self.dice.geometric(0.35, 3) {
            let product = self.choose_product(moment);
            self.note(moment, voice, What::ProductViewed(product));
            moment += self.dice.between(6_000, 70_000);
        }
    }

    fn join_groups(&mut self, signup: i64) {
        let via = match self.person.acquisition().medium {
            "offline" => "海报活码",
            "parcel" => "包裹卡活码",
            "referral" => "好友邀请",
            _ => "活码",
        };
        let groups = self.person.groups.clone();
        let mut moment = signup + self.dice.between(20_000, 15 * MINUTE);
        for (place, group) in groups.into_iter().enumerate() {
            self.note(moment, Voice::Account, What::GroupJoined { group, via });
            self.memberships.push(Membership { group, from: moment, to: i64::MAX });
            if place == 0 && self.dice.chance(0.35) {
                let greeting = 6;
                let later = moment + self.dice.between(30_000, HOUR);
                self.note(later, Voice::Account, What::MessagePosted { group, topic: greeting });
            }
            moment += self.dice.between(5 * MINUTE, 3 * DAY);
        }
    }

    /// Whoever loses interest leaves some of his groups, now or later.
    pub(crate) fn leave_groups(&mut self, life: &Life) {
        let Some(left_at) = life.left_at else { return };
        for index in 0..self.memberships.len() {
            let joined_at = self.memberships[index].from;
            let moment = left_at.max(joined_at.saturating_add(HOUR)) + self.dice.between(HOUR, 12 * DAY);
            if self.dice.chance(0.45) {
                let group = self.memberships[index].group;
                self.note(moment, Voice::Account, What::GroupLeft { group });
                self.memberships[index].to = moment;
            }
        }
    }
}
