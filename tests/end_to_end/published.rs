//! What agents see of the tools: one snapshot file each in `tests/published/`.

use freshdesk_host::contract::Contract;
use serde_json::json;

#[test]
fn each_tool_is_published_as_its_snapshot_says() {
    let contract = Contract::load().unwrap();
    assert_eq!(contract.tools().len(), 10);
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../published");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for tool in contract.tools() {
            let published = json!({
                "name": tool.name(),
                "description": tool.description(),
                "inputSchema": tool.input_schema(),
                "outputSchema": tool.output_schema(),
            });
            insta::assert_json_snapshot!(tool.name(), published);
        }
    });
}
