//! What is known of a pair of brackets while its tag is read.

use super::{CHARGE, Token};

/// One level of brackets.
#[derive(Clone, Copy, Debug)]
pub(super) struct Level {
    pub(super) open: u8,
    /// Whether an operand ends at the last token.
    pub(super) after_operand: bool,
    /// The meter that the operand which is being read gets at its end.
    pub(super) pending: Option<&'static str>,
    /// The brackets follow an operand: a subscript or arguments.
    pub(super) postfix: bool,
    /// A subscript with a colon.
    pub(super) slice: bool,
    /// The operand is what a test says: true or false.
    pub(super) is_answer: bool,
    /// How much stands on one another in the value that is being read.
    pub(super) links: usize,
    /// How much did in the values before it, of which a comma divides it.
    pub(super) most_links: usize,
}

impl Level {
    pub(super) fn new(open: u8, postfix: bool) -> Level {
        Level {
            open,
            after_operand: false,
            pending: None,
            postfix,
            slice: false,
            is_answer: false,
            links: 0,
            most_links: 0,
        }
    }

    /// The meter of an operand that ends here and may become part of something: what its operator demands,
    /// or else [`CHARGE`], unless it is a literal, whose size the source bounds.
    pub(super) fn take_meter(&mut self, previous: Token<'_>) -> Option<&'static str> {
        let grows = self.after_operand && !self.is_answer && previous != Token::Literal;
        self.pending.take().or(grows.then_some(CHARGE))
    }

    /// The next token begins another value, which does not stand on this one.
    pub(super) fn begin_value(&mut self) {
        self.most_links = self.most_links.max(self.links);
        self.links = 0;
    }

    /// The next token begins an operand.
    pub(super) fn begin_operand(&mut self) {
        self.after_operand = false;
        self.is_answer = false;
    }
}

/// How much a token puts upon the value before it; a filter is two with its meter.
pub(super) fn links_of(token: Token<'_>) -> usize {
    match token {
        Token::Pipe => 2,
        Token::Word("and" | "or" | "not" | "if" | "else" | "in" | "is") => 1,
        Token::Operator | Token::Times | Token::Sign | Token::Dot | Token::Open(_) => 1,
        _ => 0,
    }
}
