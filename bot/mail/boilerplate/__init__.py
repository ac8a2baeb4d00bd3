"""Remove text that companies add to every mail: banners above, legal notices below. Pure; it knows no sender."""
