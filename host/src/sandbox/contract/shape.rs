//! The types of the contract as the walks see them: aliases followed, names spelt as JSON spells them.

use std::collections::HashSet;

use wit_parser::{Resolve, Type, TypeDef, TypeDefKind, TypeId};

use super::ContractError;
use super::words;

/// A type of the contract. Schema, reader and writer are three walks over it.
#[derive(Clone, Debug)]
pub(super) enum Shape {
    /// True or false.
    Bool,
    /// A whole number.
    Integer(Integer),
    /// Any number.
    Decimal,
    /// Text.
    Text,
    /// Any JSON value, which the contract carries as its text.
    Json,
    /// A value that may be absent.
    Option(Box<Shape>),
    /// An array.
    List(Box<Shape>),
    /// An object whose keys the contract does not know: a list of pairs.
    Map(Box<Shape>),
    /// An object whose keys the contract knows.
    Record(Record),
    /// An enum, or a variant whose cases JSON tells apart without a tag.
    Choice(Choice),
}

/// The width of a whole number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Integer {
    /// `u8`
    U8,
    /// `u16`
    U16,
    /// `u32`
    U32,
    /// `u64`
    U64,
    /// `s64`
    S64,
}

/// An object whose keys the contract knows.
#[derive(Clone, Debug)]
pub(super) struct Record {
    /// What the object has, in the contract's order.
    pub(super) fields: Vec<Field>,
}

/// A field of a record.
#[derive(Clone, Debug)]
pub(super) struct Field {
    /// Its name in the contract.
    pub(super) wit: String,
    /// Its name in JSON.
    pub(super) name: String,
    /// The sentence about it.
    pub(super) doc: String,
    /// Its type.
    pub(super) shape: Shape,
    /// Whether an answer has what is in it beside the other fields, and not under its name.
    pub(super) spread: bool,
}

/// An enum or a variant.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    /// Whether the contract says `variant` and not `enum`.
    pub(super) variant: bool,
    /// The cases without a payload.
    pub(super) words: Vec<Word>,
    /// The cases with one, by their names in the contract. Each takes another kind of JSON.
    pub(super) payloads: Vec<(String, Shape)>,
}

/// A case without a payload.
#[derive(Clone, Debug)]
pub(super) struct Word {
    /// Its name in the contract.
    pub(super) wit: String,
    /// Its name in JSON.
    pub(super) name: String,
    /// Freshdesk's number of it.
    pub(super) number: Option<u32>,
}

impl Shape {
    /// The shape of a type of the contract.
    pub(super) fn of(resolve: &Resolve, ty: &Type) -> Result<Self, ContractError> {
        Ok(match ty {
            Type::Bool => Self::Bool,
            Type::U8 => Self::Integer(Integer::U8),
            Type::U16 => Self::Integer(Integer::U16),
            Type::U32 => Self::Integer(Integer::U32),
            Type::U64 => Self::Integer(Integer::U64),
            Type::S64 => Self::Integer(Integer::S64),
            Type::F64 => Self::Decimal,
            Type::String => Self::Text,
            Type::Id(id) => Self::named(resolve, *id)?,
            other => return Err(ContractError::unsupported(format!("the type {other:?}"))),
        })
    }

    /// The shape of a defined type.
    fn named(resolve: &Resolve, id: TypeId) -> Result<Self, ContractError> {
        let def = &resolve.types[id];
        let name = def.name.as_deref().unwrap_or_default();
        Ok(match &def.kind {
            TypeDefKind::Type(aliased) => match (name, Self::of(resolve, aliased)?) {
                ("json", Self::Text) => Self::Json,
                (_, shape) => shape,
            },
            TypeDefKind::Option(inner) => Self::Option(Box::new(Self::of(resolve, inner)?)),
            TypeDefKind::List(item) => Self::list(resolve, item)?,
            TypeDefKind::Record(record) => Self::Record(Record::of(resolve, name, record)?),
            TypeDefKind::Enum(cases) => {
                let cases = cases.cases.iter().map(|case| (case.name.as_str(), None));
                Self::Choice(Choice::of(resolve, name, false, cases)?)
            }
            TypeDefKind::Variant(cases) => {
                let cases = cases.cases.iter().map(|case| (case.name.as_str(), case.ty));
                Self::Choice(Choice::of(resolve, name, true, cases)?)
            }
            other => return Err(ContractError::unsupported(format!("the {} `{name}`", other.as_str()))),
        })
    }

    /// The shape of a list: an array, or an object when the items are pairs of a text and a value.
    fn list(resolve: &Resolve, item: &Type) -> Result<Self, ContractError> {
        if let Type::Id(id) = item
            && let TypeDefKind::Tuple(pair) = &resolve.types[*id].kind
            && let [key, value] = pair.types.as_slice()
            && matches!(Self::of(resolve, key)?, Self::Text)
        {
            return Ok(Self::Map(Box::new(Self::of(resolve, value)?)));
        }
        Ok(Self::List(Box::new(Self::of(resolve, item)?)))
    }

    /// The words of a choice that has nothing else.
    pub(super) fn words(&self) -> Option<&[Word]> {
        match self {
            Self::Choice(choice) if choice.payloads.is_empty() => Some(&choice.words),
            _ => None,
        }
    }

    /// The kind of JSON a payload of this shape is told by, when it is told by one alone.
    fn kind(&self) -> Option<&'static str> {
        match self {
            Self::Bool => Some("boolean"),
            Self::Integer(_) => Some("integer"),
            Self::Decimal => Some("number"),
            Self::Text => Some("string"),
            Self::List(item) if item.words().is_none() => Some("array"),
            Self::Map(_) | Self::Record(_) => Some("object"),
            _ => None,
        }
    }
}

impl Integer {
    /// The least number of this width. Those of 64 bits are Freshdesk's ids, which are never 0.
    pub(super) fn min(self) -> i64 {
        match self {
            Self::U8 | Self::U16 | Self::U32 => 0,
            Self::U64 => 1,
            Self::S64 => i64::MIN,
        }
    }

    /// The greatest number of this width. Of 64 bits it is the greatest that few bytes can write: Freshdesk's ids, which
    /// are the reason for the width, have 63 bits.
    pub(super) fn max(self) -> u64 {
        match self {
            Self::U8 => u8::MAX.into(),
            Self::U16 => u16::MAX.into(),
            Self::U32 => u32::MAX.into(),
            Self::U64 => 10_000_000_000_000_000_000,
            Self::S64 => i64::MAX.unsigned_abs(),
        }
    }

    /// Whether a number is in the range of this width.
    pub(super) fn holds(self, number: i128) -> bool {
        (i128::from(self.min())..=i128::from(self.max())).contains(&number)
    }
}

impl Record {
    /// The shape of a record. No two of its properties may have the same name in an answer.
    fn of(resolve: &Resolve, name: &str, record: &wit_parser::Record) -> Result<Self, ContractError> {
        let fields = record.fields.iter().map(|field| Field::of(resolve, field));
        let record = Self { fields: fields.collect::<Result<_, _>>()? };
        let mut names = HashSet::new();
        match record.properties().into_iter().find(|field| !names.insert(field.name.as_str())) {
            Some(twice) => Err(ContractError::unsupported(format!("`{}` twice in `{name}`", twice.name))),
            None => Ok(record),
        }
    }

    /// The fields an answer has, with those of spread records in the place of the record.
    pub(super) fn properties(&self) -> Vec<&Field> {
        let mut properties = Vec::new();
        for field in &self.fields {
            match &field.shape {
                Shape::Record(inner) if field.spread => properties.extend(inner.properties()),
                _ if field.spread => {}
                _ => properties.push(field),
            }
        }
        properties
    }
}

impl Field {
    /// A field, which is spread if it is `extra` or a record that is named as the field is.
    fn of(resolve: &Resolve, field: &wit_parser::Field) -> Result<Self, ContractError> {
        let shape = Shape::of(resolve, &field.ty)?;
        let spread = match &shape {
            Shape::Map(value) => field.name == "extra" && matches!(**value, Shape::Json),
            Shape::Record(_) => {
                definition(resolve, &field.ty).is_some_and(|def| def.name.as_ref() == Some(&field.name))
            }
            _ => false,
        };
        Ok(Self {
            wit: field.name.clone(),
            name: words::snake_case(&field.name),
            doc: words::fold(field.docs.contents.as_deref()),
            shape,
            spread,
        })
    }

    /// Whether the field may be absent.
    pub(super) fn optional(&self) -> bool {
        matches!(self.shape, Shape::Option(_))
    }
}

impl Choice {
    /// The shape of an enum or a variant. A word and each payload must be different kinds of JSON.
    fn of<'a>(
        resolve: &Resolve,
        name: &str,
        variant: bool,
        cases: impl Iterator<Item = (&'a str, Option<Type>)>,
    ) -> Result<Self, ContractError> {
        let mut choice = Self { variant, words: Vec::new(), payloads: Vec::new() };
        for (case, payload) in cases {
            match payload {
                Some(ty) => choice.payloads.push((case.to_owned(), Shape::of(resolve, &ty)?)),
                None => choice.words.push(Word {
                    wit: case.to_owned(),
                    name: words::snake_case(case),
                    number: words::number(name, case),
                }),
            }
        }
        let mut kinds: HashSet<_> = choice.words.iter().map(|_| "string").collect();
        let apart = choice.payloads.iter().all(|(_, shape)| shape.kind().is_some_and(|kind| kinds.insert(kind)));
        apart.then_some(choice).ok_or_else(|| ContractError::unsupported(format!("the untagged variant `{name}`")))
    }
}

/// The type itself, aliases followed.
pub(super) fn aliased(resolve: &Resolve, ty: &Type) -> Type {
    match ty {
        Type::Id(id) => match &resolve.types[*id].kind {
            TypeDefKind::Type(inner) => aliased(resolve, inner),
            _ => *ty,
        },
        _ => *ty,
    }
}

/// The definition of a type, aliases followed, when it is not a built-in one.
pub(super) fn definition<'a>(resolve: &'a Resolve, ty: &Type) -> Option<&'a TypeDef> {
    match aliased(resolve, ty) {
        Type::Id(id) => Some(&resolve.types[id]),
        _ => None,
    }
}
