//! What of a record is stored as one text: as JSON, in which nothing is lost, neither an id above 2^63 nor a zero
//! character.

use serde_json::{Value, json};

use super::StoreError;
use super::records::{LinkState, Proof};
use crate::account::Person;
pub(super) use crate::mac::hex;

pub(super) fn write_texts(texts: &[String]) -> String {
    json!(texts).to_string()
}

pub(super) fn read_texts(text: &str) -> Result<Vec<String>, StoreError> {
    let texts = read(text)?;
    let texts = texts.as_array().map(|texts| texts.iter().map(string).collect::<Option<_>>());
    texts.flatten().ok_or(StoreError::Unreadable("a list of texts"))
}

pub(super) fn write_person(person: &Person) -> String {
    json!({ "id": person.id, "name": person.name, "email": person.email }).to_string()
}

pub(super) fn read_person(text: &str) -> Result<Person, StoreError> {
    let person = read(text)?;
    let id = person["id"].as_u64().ok_or(StoreError::Unreadable("a person"))?;
    Ok(Person { id, name: string(&person["name"]), email: string(&person["email"]) })
}

pub(super) fn write_proof(proof: &Proof) -> String {
    let proof = match proof {
        Proof::Email(email) => json!({ "email": email }),
        Proof::Code(hash) => json!({ "code": hex(hash) }),
        Proof::Return { url, state } => json!({ "return": url, "state": state }),
    };
    proof.to_string()
}

pub(super) fn read_proof(text: &str) -> Result<Proof, StoreError> {
    let proof = read(text)?;
    if let Some(email) = string(&proof["email"]) {
        return Ok(Proof::Email(email));
    }
    if let Some(code) = proof["code"].as_str() {
        return Ok(Proof::Code(unhex(code)));
    }
    let url = string(&proof["return"]).ok_or(StoreError::Unreadable("a link's proof"))?;
    Ok(Proof::Return { url, state: string(&proof["state"]) })
}

pub(super) fn read_link_state(word: &str) -> Result<LinkState, StoreError> {
    Ok(match word {
        "live" => LinkState::Live,
        "waiting" => LinkState::Waiting,
        "used" => LinkState::Used,
        "cancelled" => LinkState::Cancelled,
        "dead" => LinkState::Dead,
        _ => return Err(StoreError::Unreadable("a link's state")),
    })
}

pub(super) fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().filter_map(|digit| digit.to_digit(16)).collect();
    digits.chunks_exact(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect()
}

fn read(text: &str) -> Result<Value, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::Unreadable("JSON"))
}

fn string(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}
