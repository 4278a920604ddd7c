//! The crate as a tree of modules, read from its files.

use std::fs;
use std::path::Path;

use syn::{Attribute, Item, ItemImpl, Visibility};

/// A module: what its file holds, tests apart.
pub(crate) struct Module {
    pub(crate) name: String,
    pub(crate) public: bool,
    /// The features it needs.
    pub(crate) cfgs: Vec<Attribute>,
    pub(crate) items: Vec<Item>,
    pub(crate) modules: Vec<Module>,
}

/// The whole crate.
pub(crate) struct Crate {
    pub(crate) root: Module,
}

impl Crate {
    pub(crate) fn read(folder: &Path) -> Self {
        let root = module(
            "crate".to_owned(),
            true,
            Vec::new(),
            &folder.join("lib.rs"),
            folder,
        );
        Crate { root }
    }
}

/// Reads a file; the files of its modules are in `folder`.
fn module(name: String, public: bool, cfgs: Vec<Attribute>, file: &Path, folder: &Path) -> Module {
    let text =
        fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let (mut items, mut modules) = (Vec::new(), Vec::new());
    for item in syn::parse_file(&text).expect("Rust").items {
        match item {
            Item::Mod(item) if item.content.is_none() => {
                let name = item.ident.to_string();
                let (inner, own) = (folder.join(&name), folder.join(format!("{name}.rs")));
                let file = if own.exists() {
                    own
                } else {
                    inner.join("mod.rs")
                };
                let public = matches!(item.vis, Visibility::Public(_));
                modules.push(module(name, public, cfgs_of(&item.attrs), &file, &inner));
            }
            // Inline modules are tests.
            Item::Mod(_) => {}
            item => items.push(item),
        }
    }
    Module {
        name,
        public,
        cfgs,
        items,
        modules,
    }
}

/// The conditions on features among some attributes.
pub(crate) fn cfgs_of(attributes: &[Attribute]) -> Vec<Attribute> {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("cfg"))
        .cloned()
        .collect()
}

impl Module {
    /// The private module of this name.
    pub(crate) fn module(&self, name: &str) -> &Module {
        let found = self.modules.iter().find(|module| module.name == name);
        found.unwrap_or_else(|| panic!("no module {name} in {}", self.name))
    }

    /// Every implementation for a type of this name in the module and in its private modules.
    pub(crate) fn impls<'a>(&'a self, name: &str, found: &mut Vec<&'a ItemImpl>) {
        for item in &self.items {
            if let Item::Impl(item) = item
                && let syn::Type::Path(path) = &*item.self_ty
                && path
                    .path
                    .segments
                    .last()
                    .is_some_and(|segment| segment.ident == name)
            {
                found.push(item);
            }
        }
        for module in self.modules.iter().filter(|module| !module.public) {
            module.impls(name, found);
        }
    }
}
