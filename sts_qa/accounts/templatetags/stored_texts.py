"""`{{ text|in_page_language }}` for texts that were stored in English."""

from django import template

from sts_qa.accounts.stored_texts import in_page_language

register = template.Library()
register.filter("in_page_language", in_page_language)
