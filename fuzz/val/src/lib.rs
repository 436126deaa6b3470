//! wasmtime's type of values, without wasmtime: the contract's reader makes such values, and nothing here calls a component. The
//! tests of the host check the fuzzers' inputs with the real one.

/// The component model.
pub mod component {
    /// A value of the component model.
    #[derive(Clone, Debug, PartialEq)]
    #[expect(missing_docs, reason = "self-describing variants")]
    pub enum Val {
        Bool(bool),
        S8(i8),
        U8(u8),
        S16(i16),
        U16(u16),
        S32(i32),
        U32(u32),
        S64(i64),
        U64(u64),
        Float32(f32),
        Float64(f64),
        Char(char),
        String(String),
        List(Vec<Val>),
        Record(Vec<(String, Val)>),
        Tuple(Vec<Val>),
        Variant(String, Option<Box<Val>>),
        Enum(String),
        Option(Option<Box<Val>>),
        Result(Result<Option<Box<Val>>, Option<Box<Val>>>),
        Flags(Vec<String>),
    }
}
