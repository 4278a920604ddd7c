//! What of a module is public, as Rust without bodies and documentation.

use std::fmt::Write;

use quote::ToTokens;
use syn::parse::Parser;
use syn::{
    Attribute, Block, Fields, ImplItem, Item, ItemImpl, Meta, UseTree, Visibility, parse_quote,
};

use crate::source::{Crate, Module, cfgs_of};

/// The listing of the whole crate: a heading for each public module, then its items in alphabetic order.
pub(crate) fn listing(krate: &Crate) -> String {
    let mut out = String::from("# The public surface of pushspec-parser; see tests/public_api.\n");
    module("pushspec_parser", &krate.root, &mut out);
    out
}

fn module(path: &str, this: &Module, out: &mut String) {
    write!(out, "\n## {path}").unwrap();
    for cfg in &this.cfgs {
        write!(out, "   {}", cfg.to_token_stream()).unwrap();
    }
    out.push_str("\n\n");
    let mut items = public_items(this);
    items.sort_by_key(|items| ident(&items[0]).map(ToString::to_string));
    let texts: Vec<String> = items.into_iter().map(unparse).collect();
    out.push_str(&texts.join("\n"));
    for inner in this.modules.iter().filter(|inner| inner.public) {
        module(&format!("{path}::{}", inner.name), inner, out);
    }
}

/// Each public item of a module with its implementations; what it re-exports from private modules is its own.
fn public_items(this: &Module) -> Vec<Vec<Item>> {
    let mut found = Vec::new();
    for item in &this.items {
        match item {
            Item::Use(item) if matches!(item.vis, Visibility::Public(_)) => {
                let UseTree::Path(path) = &item.tree else {
                    panic!("a re-export of a whole module")
                };
                let from = this.module(&path.ident.to_string());
                for name in names(&path.tree) {
                    found.push(named(this, from, &name, &cfgs_of(&item.attrs)));
                }
            }
            item => found.extend(public(item).map(|item| with_impls(this, item, &[]))),
        }
    }
    found
}

fn names(tree: &UseTree) -> Vec<String> {
    match tree {
        UseTree::Name(name) => vec![name.ident.to_string()],
        UseTree::Group(group) => group.items.iter().flat_map(names).collect(),
        _ => panic!("a re-export that the listing does not know"),
    }
}

/// The item of this name in a private module.
fn named(this: &Module, from: &Module, name: &str, cfgs: &[Attribute]) -> Vec<Item> {
    let item = from
        .items
        .iter()
        .filter_map(public)
        .find(|item| ident(item).is_some_and(|ident| ident == name));
    if let Some(item) = item {
        return with_impls(this, item, cfgs);
    }
    if let Some(rows) = from.items.iter().find_map(|item| table(item, name)) {
        let mut items = with_impls(this, rows, cfgs);
        items.extend(from.items.iter().filter_map(table_methods).map(Item::Impl));
        return items;
    }
    panic!("{name} is not in {}", from.name)
}

/// The item without what is private, if it is public.
fn public(item: &Item) -> Option<Item> {
    let mut item = match item {
        // pin_project_lite! { pub struct … }
        Item::Macro(item) if item.mac.path.is_ident("pin_project") => {
            Item::Struct(syn::parse2(item.mac.tokens.clone()).expect("a struct"))
        }
        item => item.clone(),
    };
    let (attrs, vis) = match &mut item {
        Item::Const(item) => (&mut item.attrs, &item.vis),
        Item::Enum(item) => {
            for variant in &mut item.variants {
                variant.attrs.clear();
                variant
                    .fields
                    .iter_mut()
                    .for_each(|field| field.attrs.clear());
            }
            (&mut item.attrs, &item.vis)
        }
        Item::Fn(item) => {
            *item.block = no_body();
            (&mut item.attrs, &item.vis)
        }
        Item::Struct(item) => {
            hide(&mut item.fields);
            (&mut item.attrs, &item.vis)
        }
        Item::Type(item) => (&mut item.attrs, &item.vis),
        _ => return None,
    };
    if !matches!(vis, Visibility::Public(_)) {
        return None;
    }
    // What is derived is a promise too.
    attrs.retain(|attribute| {
        ["cfg", "cfg_attr", "derive", "must_use", "non_exhaustive"]
            .iter()
            .any(|kept| attribute.path().is_ident(kept))
    });
    Some(item)
}

/// Leaves public fields, and says that there are others.
fn hide(fields: &mut Fields) {
    if let Fields::Named(named) = fields {
        let before = named.named.len();
        named.named = std::mem::take(&mut named.named)
            .into_iter()
            .filter(|field| matches!(field.vis, Visibility::Public(_)))
            .map(|mut field| {
                field.attrs.clear();
                field
            })
            .collect();
        if named.named.len() < before {
            named.named.push(
                syn::Field::parse_named
                    .parse2(quote::quote!(__private: ()))
                    .unwrap(),
            );
        }
    } else if let Fields::Unnamed(unnamed) = fields {
        for field in &mut unnamed.unnamed {
            if !matches!(field.vis, Visibility::Public(_)) {
                field.ty = parse_quote!(__Private);
            }
        }
    }
}

/// The enum that a table macro makes: `violations! { Variant, "requirement", "summary"; … }`.
fn table(item: &Item, name: &str) -> Option<Item> {
    let Item::Macro(item) = item else { return None };
    if !item.mac.path.is_ident("violations") || name != "Violation" {
        return None;
    }
    let text = item.mac.tokens.to_string();
    let rows = text.split(';').filter_map(|row| row.split_once(','));
    let variants: Vec<syn::Variant> = rows
        .map(|(name, _)| syn::parse_str(name.trim()).expect("a variant"))
        .collect();
    Some(parse_quote!(pub enum Violation { #(#variants),* }))
}

/// What the definition of that macro implements, told by its text: macros cannot be parsed before they are expanded.
fn table_methods(item: &Item) -> Option<ItemImpl> {
    let Item::Macro(item) = item else { return None };
    item.ident.as_ref().filter(|name| *name == "violations")?;
    let text = item.mac.tokens.to_string();
    let mut methods = String::new();
    for item in text.split("pub const ").skip(1) {
        let head = &item[..item.find(['{', '=']).expect("a body or a value")];
        let body = if head.starts_with("fn") {
            "{}"
        } else {
            "= &[];"
        };
        write!(methods, "pub const {head} {body}").unwrap();
    }
    Some(syn::parse_str(&format!("impl Violation {{ {methods} }}")).expect("an implementation"))
}

fn ident(item: &Item) -> Option<&syn::Ident> {
    match item {
        Item::Const(item) => Some(&item.ident),
        Item::Enum(item) => Some(&item.ident),
        Item::Fn(item) => Some(&item.sig.ident),
        Item::Struct(item) => Some(&item.ident),
        Item::Type(item) => Some(&item.ident),
        _ => None,
    }
}

/// The item, then what is implemented for it.
fn with_impls(this: &Module, item: Item, cfgs: &[Attribute]) -> Vec<Item> {
    let mut impls = Vec::new();
    if !matches!(item, Item::Fn(_) | Item::Const(_)) {
        this.impls(&ident(&item).expect("a name").to_string(), &mut impls);
    }
    let mut items = vec![item];
    for attribute in cfgs {
        if let Item::Struct(item) = &mut items[0] {
            item.attrs.insert(0, attribute.clone());
        } else if let Item::Enum(item) = &mut items[0] {
            item.attrs.insert(0, attribute.clone());
        } else if let Item::Fn(item) = &mut items[0] {
            item.attrs.insert(0, attribute.clone());
        }
    }
    items.extend(impls.into_iter().filter_map(signatures).map(Item::Impl));
    items
}

/// What of an implementation is public, without bodies: nothing of a trait's but its head.
fn signatures(item: &ItemImpl) -> Option<ItemImpl> {
    let mut item = item.clone();
    item.attrs = cfgs_of(&item.attrs);
    if item.trait_.is_some() {
        item.items.retain(|item| matches!(item, ImplItem::Type(_)));
        return Some(item);
    }
    item.items.retain_mut(|item| match item {
        ImplItem::Fn(item) => {
            item.attrs.retain(|attribute| match &attribute.meta {
                Meta::Path(path) => path.is_ident("must_use"),
                _ => attribute.path().is_ident("cfg"),
            });
            item.block = no_body();
            matches!(item.vis, Visibility::Public(_))
        }
        ImplItem::Const(item) => {
            item.attrs.clear();
            matches!(item.vis, Visibility::Public(_))
        }
        _ => false,
    });
    (!item.items.is_empty()).then_some(item)
}

fn no_body() -> Block {
    parse_quote!({})
}

fn unparse(items: Vec<Item>) -> String {
    let file = syn::File {
        shebang: None,
        attrs: Vec::new(),
        items,
    };
    let text = prettyplease::unparse(&file);
    let text = text
        .replace("__private: (),", "// and private fields")
        .replace("__Private", "_");
    text.replace(" {}\n", ";\n")
}
