use freshdesk_tests::{World, run};
use super::{Tool, attack};
#[test]
fn zz_another_record() {
    run(async {
        let world = World::hostile().await;
        let a = attack(&world, Tool::Replies, "path /api/v2/tickets/42801/reply").await;
        eprintln!("ZZ {:?} {:?}", a.result, a.arrived.iter().map(|r| (&r.path, r.status)).collect::<Vec<_>>());
        let big = attack(&world, Tool::Lists, "text 15000000 x").await;
        eprintln!("ZZ answer of {:?}", big.result.map(|t| t.len()));
    });
}
