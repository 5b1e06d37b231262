"""What a made-up picture is made with: a slice to paint on, random fields, lesions, and the reader's hand."""
