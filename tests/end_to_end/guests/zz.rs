use super::{Tool, attack};
use freshdesk_tests::{World, run};
#[test]
fn explore() {
    run(async {
        let world = World::hostile().await;
        for a in super::destinations::ELSEWHERE {
            let x = attack(&world, Tool::Lists, &format!("authority {a}")).await;
            eprintln!("E {a:?} {:?} {}", x.result, x.arrived.len());
        }
        for a in super::destinations::UNSPEAKABLE {
            let x = attack(&world, Tool::Lists, &format!("authority {a}")).await;
            eprintln!("U {a:?} {:?} {}", x.result, x.arrived.len());
        }
        for a in super::routes::ELSEWHERE {
            let x = attack(&world, Tool::Lists, &format!("path {a}")).await;
            eprintln!("PE {a:?} {:?} {}", x.result, x.arrived.len());
        }
        for a in super::routes::UNSPEAKABLE {
            let x = attack(&world, Tool::Lists, &format!("path {a}")).await;
            eprintln!("PU {a:?} {:?} {}", x.result, x.arrived.len());
        }
        for a in ["", "+5", "-1", "5, 5", "0x5", "5 ", "99999999999999999999999"] {
            let x = attack(&world, Tool::Creates, &format!("content-length {a}")).await;
            eprintln!("CL {a:?} {:?} {}", x.result, x.arrived.len());
        }
    });
}
